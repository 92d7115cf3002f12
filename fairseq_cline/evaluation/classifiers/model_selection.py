"""The best of several checkpoints of one model, as of several learning rates."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from data_prep.classification.examples import Example
from data_prep.errors import InputError
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers.classifier import Classifier

HELP = (
    "of a classification task (name: of the file); a name may come several times, with the "
    "checkpoints of one model: the best on the validation split is taken"
)


@dataclass(frozen=True)
class Candidate:
    """A checkpoint among several of one model."""

    checkpoint: str  # its file and folder
    sha256: str
    score: float  # percent


def groups(texts: list[str]) -> dict[str, list[str]]:
    """Name -> paths of `NAME=path`; a name may come again.

    Raises:
        InputError: two paths without a name are called alike.
    """
    result: dict[str, list[str]] = {}
    for text in texts:
        ((name, path),) = commands.named_paths([text]).items()
        if name in result and path == text:
            raise InputError(f"{path}: a second {name}; write NAME=path with different names")
        result.setdefault(name, []).append(path)
    return result


def choose(
    paths: list[str], load: Callable[[str], Classifier], score: Callable[[Classifier], float]
) -> tuple[str, list[Candidate]]:
    """The path with the highest score, of equals the first; and all, if there is a choice."""
    if len(paths) == 1:
        return paths[0], []
    candidates = []
    for path in paths:
        classifier = load(path)
        candidates.append(Candidate(short_name(path), classifier.sha256, score(classifier)))
    scores = [candidate.score for candidate in candidates]
    return paths[scores.index(max(scores))], candidates


def describe(models: dict[str, list[Candidate]], selected_on: str) -> str:
    """Which checkpoint each model is, a line for each that had a choice."""
    lines = []
    for name, candidates in models.items():
        if candidates:
            best = max(candidates, key=lambda candidate: candidate.score)
            lines.append(
                f"{name}: {best.checkpoint}, of {len(candidates)} the best on {selected_on} "
                f"({best.score:.1f}%)"
            )
    return "\n".join(lines)


def right(classifier: Classifier, examples: list[Example]) -> list[bool]:
    """Whether each example gets its label."""
    texts = [example.texts for example in examples]
    predicted = classifier.probabilities(texts, progress=True).argmax(1).tolist()
    return [
        classifier.data.labels[number] == example.label
        for number, example in zip(predicted, examples, strict=True)
    ]


def accuracy(classifier: Classifier, examples: list[Example]) -> float:
    """Percent of the examples that are right."""
    return 100.0 * sum(right(classifier, examples)) / len(examples)


def short_name(path: str) -> str:
    """The file and its folder, `lr1e-5/checkpoint_best.pt`: not where it is on this machine."""
    return os.path.join(*os.path.abspath(path).split(os.sep)[-2:])
