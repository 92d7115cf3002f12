"""Flip rate: the share of predictions that become another class when a text changes harmlessly.

After the invariance tests of CheckList (Ribeiro et al., 2020). In a Python session:

    data = open_databin("data-bin/mr")
    classifier = load_classifier("dcl/checkpoint_best.pt", data)
    evaluate(classifier, read_sets("invariance", data)).kinds["synonym"].flips  # Score(...)

`load_classifier` is in `classifiers.classifier`, `open_databin` in `classifiers.labeled_text`.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from data_prep.classification.examples import Example
from data_prep.errors import InputError
from data_prep.files.text_tables import markdown
from fairseq_cline.evaluation.classifiers.classifier import Classifier
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.classifiers.metrics import Score, clustered_share
from fairseq_cline.evaluation.command_line import escaped

ALL = "all"
ORIGINAL = ".original.tsv"

Pairs = list[tuple[Example, Example]]
"""(untouched, changed)"""


@dataclass(frozen=True)
class Invariance:
    """The answers of one checkpoint before and after one kind of change."""

    examples: int
    original: Score  # accuracy on the untouched examples
    perturbed: Score  # accuracy on the changed ones
    flips: Score


@dataclass(frozen=True)
class InvarianceResult:
    """The answers of one checkpoint, by kind of change."""

    name: str
    sha256: str
    kinds: dict[str, Invariance]


def set_files(folder: str, kind: str) -> tuple[str, str]:
    """The files of a kind: its untouched examples, and its changed ones."""
    return os.path.join(folder, kind + ORIGINAL), os.path.join(folder, f"{kind}.tsv")


def read_sets(folder: str, data: ClassificationData) -> dict[str, Pairs]:
    """Reads the pairs of examples of each kind of change in a folder.

    Raises:
        InputError: there are none, or the two files of a kind are not in step.
    """
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    kinds = [name.removesuffix(ORIGINAL) for name in names if name.endswith(ORIGINAL)]
    if not kinds:
        raise InputError(f"{folder}: no *{ORIGINAL} in it; make it with data_prep.invariance_set")
    sets = {}
    for kind in kinds:
        untouched, changed = set_files(folder, kind)
        originals, others = data.read(untouched), data.read(changed)
        if [example.label for example in originals] != [example.label for example in others]:
            raise InputError(
                f"{changed}: its labels are not those of {untouched}, line by line; make both again"
            )
        sets[kind] = list(zip(originals, others, strict=True))
    return sets


def evaluate(classifier: Classifier, sets: dict[str, Pairs]) -> InvarianceResult:
    """Classifies each text once, in however many kinds it is, and counts the flips.

    Args:
        sets: of `read_sets`. `ALL` of the result is over their examples together; an example that
            several kinds change counts as one draw for the error.
    """
    examples = (example for pairs in sets.values() for pair in pairs for example in pair)
    texts = [*dict.fromkeys(example.texts for example in examples)]
    outputs = classifier.probabilities(texts, progress=True).argmax(1).tolist()
    labels = classifier.data.labels
    predicted = {text: labels[output] for text, output in zip(texts, outputs, strict=True)}
    everything = [pair for pairs in sets.values() for pair in pairs]
    kinds = {}
    for kind, pairs in [*sets.items(), (ALL, everything)]:
        clusters = [untouched for untouched, _ in pairs]
        right = [predicted[untouched.texts] == untouched.label for untouched, _ in pairs]
        still_right = [predicted[changed.texts] == changed.label for _, changed in pairs]
        flipped = [predicted[a.texts] != predicted[b.texts] for a, b in pairs]
        kinds[kind] = Invariance(
            examples=len(pairs),
            original=clustered_share(right, clusters),
            perturbed=clustered_share(still_right, clusters),
            flips=clustered_share(flipped, clusters),
        )
    return InvarianceResult(classifier.name, classifier.sha256, kinds)


def table(results: Sequence[InvarianceResult]) -> str:
    """Markdown: for each kind one row a checkpoint."""
    header = ["change", "examples", "checkpoint", "accuracy", "accuracy, changed", "flip rate"]
    rows = []
    for kind in results[0].kinds:
        for result in results:
            found = result.kinds[kind]
            scores = map(str, (found.original, found.perturbed, found.flips))
            rows.append([kind, f"{found.examples:,}", escaped(result.name), *scores])
    return markdown(header, rows)
