"""Contrast consistency: in how many sets of similar texts with different labels is all right?

After Gardner et al. (2020). In a Python session:

    data = open_databin("data-bin/imdb")
    classifier = load_classifier("cline/checkpoint_best.pt", data)
    evaluate(classifier, read_sets("sets/imdb/sets.tsv", data)).consistency  # Score(...)

`load_classifier` is in `classifiers.classifier`, `open_databin` in `classifiers.labeled_text`.
Letters: S sets, R resamples.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_prep.classification.contrast_formats import ContrastSet
from data_prep.classification.examples import Example
from data_prep.errors import InputError
from data_prep.files.lines import read_lines
from data_prep.files.name_lists import listed, shortened
from data_prep.files.text_tables import markdown
from fairseq_cline.evaluation.classifiers.accuracy import count_cut, right_answers
from fairseq_cline.evaluation.classifiers.classifier import Classifier
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.classifiers.metrics import RESAMPLES, SEED, Score
from fairseq_cline.evaluation.command_line import escaped
from fairseq_cline.evaluation.reports.columns import CONTRAST_MEASURES

ORIGINAL, CONTRAST = "original", "contrast"


@dataclass(frozen=True)
class ContrastResult:
    """The answers of one checkpoint to contrast sets; its scores are `CONTRAST_MEASURES`."""

    name: str
    sha256: str
    original: Score  # accuracy on the originals
    contrast: Score  # accuracy on the contrast examples
    consistency: Score  # share of the sets without a wrong answer
    cut: int  # examples longer than the model reads


def read_sets(path: str, data: ClassificationData) -> list[ContrastSet]:
    """Reads the sets of a file of data_prep.contrast_set.

    Raises:
        InputError: there is none, a line is wrong, or a set has not one original and contrast
            examples.
    """
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such file; give sets.tsv of data_prep.contrast_set")
    form = "<TAB>".join(["set", f"{ORIGINAL}|{CONTRAST}", "label", *["text"] * data.texts])
    originals: dict[str, list[Example]] = {}
    others: dict[str, list[Example]] = {}
    for number, line in enumerate(read_lines(Path(path), newline="\n"), 1):
        cells = line.removesuffix("\n").split("\t")
        if len(cells) != 3 + data.texts or cells[1] not in (ORIGINAL, CONTRAST):
            raise InputError(f"{path}, line {number}: not {form}; make it again")
        name, kind, label, *texts = cells
        if label not in data.labels:
            raise InputError(
                f"{path}, line {number}: the label '{shortened(label)}' is not one of "
                f"{data.folder} ({listed(data.labels)}); give data_prep.contrast_set --labels"
            )
        group = originals if kind == ORIGINAL else others
        group.setdefault(name, []).append(Example(label, tuple(texts)))
    names = {**originals, **others}
    for name in names:
        if len(originals.get(name, [])) != 1 or name not in others:
            raise InputError(
                f"{path}: set {name} has not one original and a contrast example; make it again"
            )
    if not names:
        raise InputError(f"{path}: no set in it; make it again with data_prep.contrast_set")
    return [ContrastSet(*original, tuple(others[name])) for name, original in originals.items()]


def examples_of(sets: Sequence[ContrastSet]) -> list[Example]:
    """The examples of all sets, each original before its contrast examples."""
    return [example for found in sets for example in (found.original, *found.contrast)]


def evaluate(classifier: Classifier, sets: Sequence[ContrastSet]) -> ContrastResult:
    """Classifies all examples and compares the answers with their labels."""
    examples = examples_of(sets)
    answers = iter(right_answers(classifier, examples))
    return ContrastResult(
        name=classifier.name,
        sha256=classifier.sha256,
        **contrast_scores([[next(answers) for _ in (0, *found.contrast)] for found in sets]),
        cut=count_cut(classifier, examples),
    )


def contrast_scores(sets: Sequence[Sequence[bool]]) -> dict[str, Score]:
    """The `CONTRAST_MEASURES` of S sets; their error is a bootstrap over sets.

    Args:
        sets: whether the answer to the original is right, then to the contrast examples.
    """
    rows = [[first, sum(rest), len(rest), first and all(rest)] for first, *rest in sets]
    counts = np.array(rows, dtype=np.float64)  # (S, 4)
    shares = np.full(len(sets), 1 / len(sets))
    drawn = np.random.default_rng(SEED).multinomial(len(sets), shares, RESAMPLES)  # (R, S)
    sums = np.vstack([counts.sum(0), drawn @ counts])  # (1 + R, 4), of all sets first
    originals, contrast, sizes, consistent = sums.T
    values = (originals / len(sets), contrast / sizes, consistent / len(sets))  # (1 + R,) each
    return {
        measure: Score(100.0 * float(value[0]), 100.0 * float(value[1:].std(ddof=1)))
        for measure, value in zip(CONTRAST_MEASURES, values, strict=True)
    }


def table(results: Sequence[ContrastResult]) -> str:
    """Markdown: one row a model."""
    rows = [
        [escaped(result.name), *(str(getattr(result, measure)) for measure in CONTRAST_MEASURES)]
        for result in results
    ]
    return markdown(["", *CONTRAST_MEASURES.values()], rows)
