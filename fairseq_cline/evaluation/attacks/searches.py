"""Attacks by name: the search for adversarial examples that a name stands for."""

from collections.abc import Callable
from importlib import metadata
from typing import Any

from data_prep.classification.attack_log import Attack
from data_prep.english.installed import MODEL_VERSION
from data_prep.english.synonym_places import find_places, load_synonyms
from data_prep.errors import InputError
from fairseq_cline.evaluation.attacks import pwws
from fairseq_cline.evaluation.classifiers.classifier import Classifier

PWWS = "pwws"
TEXTATTACK = "textattack:"  # followed by the name of a recipe

PACKAGES = ("lemminflect", "nltk", "spacy")  # that PWWS takes words from; WordNet is always 3.0
GENERATOR = 2  # raised by every change of this package that changes the attacks

Search = Callable[[tuple[str, ...], int, str], Attack]
"""Texts of an example, the index of its label, and a seed -> the attack on its last text."""


def check_attack(attack: str) -> None:
    """Checks the name of an attack; whether TextAttack has the recipe is seen when it is loaded.

    Raises:
        InputError: no attack can have this name.
    """
    if attack != PWWS and attack.removeprefix(TEXTATTACK) in ("", attack):
        raise InputError(f"--attack {attack}: must be {PWWS} or {TEXTATTACK}RECIPE")


def bound(attack: str, max_share: float | None = None) -> float | None:
    """The share of the words that an attack may replace; None: the attack has no such bound.

    Args:
        max_share: the wanted bound; None takes the default of the attack.

    Raises:
        InputError: the bound is out of its range, or the attack has none.
    """
    if attack != PWWS:
        if max_share is not None:
            raise InputError(f"--max-share: only for --attack {PWWS}; leave it out")
        return None
    if max_share is None:
        return pwws.DEFAULT_MAX_SHARE
    if not 0 < max_share <= 1:
        raise InputError(f"--max-share {max_share:g}: must be above 0 and at most 1")
    return max_share


def search_versions(attack: str) -> dict[str, Any]:
    """Versions of everything else that can change an attack's outcome.

    Raises:
        InputError: it is a recipe of TextAttack, which is not installed.
    """
    if attack == PWWS:
        packages, resources = PACKAGES, {"spacy_model": MODEL_VERSION}
    else:
        from fairseq_cline.evaluation.attacks import textattack_recipes  # needs textattack

        packages, resources = textattack_recipes.PACKAGES, {}
    versions = {name: metadata.version(name) for name in packages}
    return {"generator": GENERATOR, "packages": versions, **resources}


def load_search(attack: str, classifier: Classifier, max_share: float | None) -> Search:
    """Loads everything that an attack needs; processes that are forked afterwards share it.

    Args:
        max_share: the `bound` of the attack.

    Raises:
        InputError: there is no such recipe of TextAttack, or it cannot attack this classifier.
        ResourceError: WordNet or spaCy's model is not installed.
    """
    if attack != PWWS:
        from fairseq_cline.evaluation.attacks.textattack_recipes import Recipe  # needs textattack

        return Recipe(attack.removeprefix(TEXTATTACK), classifier)

    load_synonyms()

    def search(texts: tuple[str, ...], true_class: int, seed: str) -> Attack:
        *first, last = texts
        (line,) = find_places([last])

        def probabilities(versions: list[str]) -> list[list[float]]:
            return classifier.probabilities([(*first, text) for text in versions]).tolist()

        return pwws.search(line, true_class, probabilities, max_share)

    return search
