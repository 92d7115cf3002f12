"""Attacks by name: which search for an adversarial example, on which classifier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from data_prep import pwws
from data_prep.classification.examples import Example
from data_prep.classifier_process import ClassifierProcess
from data_prep.english.resources import MODEL_VERSION
from data_prep.english.synonym_places import find_places
from data_prep.errors import InputError
from data_prep.pwws import Attack

PWWS = "pwws"
RECIPE = "textattack:"
"""What the name of a TextAttack recipe begins with."""

PACKAGES = ("lemminflect", "nltk", "spacy")  # WordNet is always 3.0
GENERATOR = 1  # raised by every change of this package that changes the attacks

Search = Callable[[tuple[str, ...], int, str], Attack]
"""Texts of an example, the index of its label, and a seed -> what became of the attack."""


@dataclass(frozen=True)
class Attacker:
    """An attack with its settings; each process that calls it loads the classifier for itself.

    Of a pair the second text is attacked, as the hypothesis in other work on such attacks.
    """

    attack: str
    """``pwws``, or ``textattack:`` and the name of a recipe."""
    checkpoint: Path
    databin: Path
    seed: int
    max_share: float | None
    """Of the words, that PWWS may replace, in (0, 1]; None: another attack."""
    labels: frozenset[str] = frozenset()
    """Of all examples, to be checked before the first is attacked."""

    def __call__(self, item: tuple[int, Example]) -> Attack:
        """Attack an example, given with its index.

        Raises:
            InputError: the classifier cannot be run, or has other labels.
            ResourceError: WordNet or spaCy's model is not installed.
        """
        index, example = item
        classifier, search = _loaded(self)
        label = classifier.labels.index(example.label)
        return search(example.texts, label, f"{self.seed} {index}")

    @property
    def versions(self) -> dict[str, Any]:
        """Of what else decides the attacks.

        Raises:
            InputError: it is a recipe, and TextAttack is not installed.
        """
        packages, resources = PACKAGES, {"spacy_model": MODEL_VERSION}
        if self.attack.startswith(RECIPE):
            from data_prep.textattack_recipes import PACKAGES as packages  # needs textattack

            resources = {}
        versions = {name: metadata.version(name) for name in packages}
        return {"generator": GENERATOR, "packages": versions, **resources}

    def close(self) -> None:
        """End the classifier of this process, if there is one."""
        if _loaded.cache_info().currsize:
            _loaded(self)[0].close()
            _loaded.cache_clear()


@lru_cache(maxsize=1)
def _loaded(attacker: Attacker) -> tuple[ClassifierProcess, Search]:
    classifier = ClassifierProcess(attacker.checkpoint, attacker.databin)
    unknown = attacker.labels - set(classifier.labels)
    if unknown:
        classifier.close()
        raise InputError(
            f"{attacker.databin}: has no label '{min(unknown)}' ({', '.join(classifier.labels)}); "
            "give --data the data-bin of these examples"
        )
    return classifier, _search(attacker, classifier)


def _search(attacker: Attacker, classifier: ClassifierProcess) -> Search:
    if attacker.attack.startswith(RECIPE):
        from data_prep.textattack_recipes import Recipe  # needs textattack

        return Recipe(attacker.attack.removeprefix(RECIPE), classifier)

    def search(texts: tuple[str, ...], true_class: int, seed: str) -> Attack:
        *first, last = texts
        (line,) = find_places([last])

        def probabilities(versions: list[str]) -> list[list[float]]:
            return classifier([(*first, text) for text in versions])

        return pwws.attack(line, true_class, probabilities, attacker.max_share)

    return search
