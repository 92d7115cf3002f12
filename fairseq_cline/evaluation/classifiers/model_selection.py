"""The best of several checkpoints of one model, for example of several learning rates."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch

from data_prep.classification.examples import Example
from data_prep.errors import InputError
from fairseq_cline.evaluation.classifiers.accuracy import right_answers
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.command_line import named_paths


@dataclass(frozen=True)
class Candidate:
    """A checkpoint among several of one model."""

    checkpoint: str  # its path, as `short_name` has it
    sha256: str
    score: float  # accuracy in percent, which decided


class Choice(NamedTuple):
    """The checkpoint of a model, and those that it was chosen from."""

    path: str
    candidates: list[Candidate]  # empty: there was one

    def origin(self) -> dict[str, Any]:
        """The part of a report that says which checkpoint was taken."""
        return {
            "checkpoint": short_name(self.path),
            "candidates": [*map(asdict, self.candidates)],
        }


def groups(texts: Sequence[str]) -> dict[str, list[str]]:
    """Name -> paths of ``NAME=path`` arguments; a name may come again.

    Raises:
        InputError: two paths without a name are called alike.
    """
    result: dict[str, list[str]] = {}
    for text in texts:
        ((name, path),) = named_paths([text]).items()
        if name in result and path == text:
            raise InputError(f"{path}: a second {name}; write NAME=path with different names")
        result.setdefault(name, []).append(path)
    return result


def choose(
    models: Mapping[str, Sequence[str]],
    data: ClassificationData,
    examples: Sequence[Example] | None = None,
    device: torch.device | str = "cpu",
) -> dict[str, Choice]:
    """Chooses the most accurate checkpoint of each model, the first of equal ones.

    Args:
        models: name -> paths of its checkpoints, as `groups` gives them.
        data: the data-bin of their training.
        examples: decide; None takes the validation split, if there is anything to choose.

    Raises:
        InputError: as `load_classifier`, or there is no validation split.
    """
    if examples is None and any(len(paths) > 1 for paths in models.values()):
        examples = data.read_split("valid")
    choices = {}
    for name, paths in models.items():
        candidates = []
        for path in paths if len(paths) > 1 else ():
            classifier = load_classifier(path, data, name, device)
            answers = right_answers(classifier, examples)
            score = 100.0 * sum(answers) / len(answers)
            candidates.append(Candidate(short_name(path), classifier.sha256, score))
        scores = [candidate.score for candidate in candidates]
        best = scores.index(max(scores)) if scores else 0
        choices[name] = Choice(paths[best], candidates)
    return choices


def chosen_paths(choices: Mapping[str, Choice]) -> dict[str, str]:
    """Name -> path of the checkpoint that was chosen."""
    return {name: choice.path for name, choice in choices.items()}


def short_name(path: str) -> str:
    """The last two parts of a path, `lr1e-5/checkpoint_best.pt`: the rest is of this machine."""
    return os.path.join(*os.path.abspath(path).split(os.sep)[-2:])
