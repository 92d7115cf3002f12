"""The recipes of TextAttack (Morris et al., 2020) on a classifier, in one process with it.

Importing this module needs the extra `attack` and, as TextAttack itself, NLTK's stop words.
"""

import random
import sys
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from difflib import SequenceMatcher
from itertools import zip_longest
from operator import attrgetter
from pkgutil import resolve_name
from traceback import clear_frames

import numpy as np
import torch

from data_prep.classification.attack_log import FAILED, SKIPPED, SUCCESS, Attack
from data_prep.errors import InputError
from data_prep.files.extras import not_usable
from fairseq_cline.evaluation.classifiers.classifier import Classifier
from fairseq_cline.evaluation.classifiers.token_gradients import token_gradients

try:
    from textattack.attack_args import ATTACK_RECIPE_NAMES
    from textattack.attack_results import SkippedAttackResult, SuccessfulAttackResult
    from textattack.constraints.pre_transformation import InputColumnModification
    from textattack.goal_functions import UntargetedClassification
    from textattack.models.wrappers import ModelWrapper
except ImportError as error:
    raise InputError(not_usable("attack", f"TextAttack cannot be imported: {error}")) from error
except LookupError as error:
    raise InputError(
        "TextAttack needs NLTK's list of stop words; python -m nltk.downloader stopwords"
    ) from error

PACKAGES = ("flair", "nltk", "textattack", "transformers")  # that the recipes take words from
PAIR = ("premise", "hypothesis")  # TextAttack's names of two texts


class Wrapper(ModelWrapper):
    """The answers and gradients that TextAttack asks of a model; a pair comes as a tuple."""

    def __init__(self, classifier: Classifier) -> None:
        self.model = classifier

    def __call__(self, texts: list[str | tuple[str, str]]) -> torch.Tensor:
        """N texts -> (N, K) probabilities, exactly 1 in all: else they are taken for logits."""
        answer = self.model.probabilities(texts).double()
        return answer / answer.sum(dim=1, keepdim=True)

    def get_grad(self, text: str | tuple[str, str]) -> dict[str, np.ndarray]:
        """The gradient (T, C) at the embeddings, for the recipes that are no black box."""
        _, gradient = token_gradients(self.model, text)
        return {"gradient": gradient.double().numpy()}

    def _tokenize(self, texts: list[str | tuple[str, str]]) -> list[list[str]]:
        return [token_gradients(self.model, text)[0] for text in texts]


class Recipe:
    """A search for adversarial examples by a recipe's name, as TextAttack's command has it."""

    def __init__(self, name: str, classifier: Classifier) -> None:
        """Builds the recipe; what it needs is downloaded once by TextAttack.

        Raises:
            InputError: there is no such recipe, it lacks a resource, or it wants another model or
                has another goal than a wrong class.
        """
        if name not in ATTACK_RECIPE_NAMES:
            names = ", ".join(sorted(ATTACK_RECIPE_NAMES))
            raise InputError(f"--attack textattack:{name}: TextAttack has no such recipe; {names}")
        self._name = name
        try:
            recipe = resolve_name(ATTACK_RECIPE_NAMES[name])
            with _resources(name), redirect_stdout(sys.stderr):  # NLTK's downloader prints
                self._attack = recipe.build(Wrapper(classifier))
        except (AttributeError, TypeError) as error:
            raise InputError(
                f"--attack textattack:{name}: needs more of a model than its probabilities and "
                f"gradients ({_in_short(error)}); take another recipe, as deepwordbug"
            ) from error
        goal = self._attack.goal_function
        if not isinstance(goal, UntargetedClassification):
            raise InputError(
                f"--attack textattack:{name}: the recipe must make a classifier choose a wrong "
                f"class, but its goal is {type(goal).__name__}; take another recipe, as deepwordbug"
            )
        # TextAttack collects words in sets: in their order ties, and what is drawn by chance, would
        # come out otherwise in every process.
        candidates = self._attack.get_transformations
        self._attack.search_method.get_transformations = lambda *args, **options: sorted(
            candidates(*args, **options), key=attrgetter("text")
        )
        # Of a pair the first text stays.
        constraint = InputColumnModification([*PAIR], {PAIR[0]})
        self._attack.pre_transformation_constraints.append(constraint)

    def __call__(self, texts: tuple[str, ...], true_class: int, seed: str) -> Attack:
        # Some recipes draw from these; what was attacked before must not matter.
        rng = random.Random(seed)
        for set_seed in (random.seed, np.random.seed, torch.manual_seed):
            set_seed(rng.getrandbits(32))
        self._attack.clear_cache()
        pair = len(texts) == len(PAIR)
        example = OrderedDict(zip(PAIR, texts, strict=True)) if pair else texts[0]
        with _resources(self._name):
            result = self._attack.attack(example, true_class)
        outcome = FAILED
        if isinstance(result, SkippedAttackResult | SuccessfulAttackResult):
            outcome = SKIPPED if isinstance(result, SkippedAttackResult) else SUCCESS
        versions = [result.original_result.attacked_text, result.perturbed_result.attacked_text]
        old, new = (version.words_per_input[-1] for version in versions)
        found = versions[-1].tokenizer_input
        return Attack(
            outcome=outcome,
            text=" ".join((found[-1] if pair else found).split()),
            changed=[*_changes(old, new)],
            words=len(old),
            queries=result.num_queries,
        )


@contextmanager
def _resources(name: str) -> Iterator[None]:
    """Names what a recipe lacks: some ask for it when they are built, some when they attack."""
    try:
        yield
    except (IndexError, KeyError):
        raise  # no LookupError of NLTK's
    except (ImportError, LookupError, OSError) as error:
        # TextAttack keeps the lock of a download that failed: other workers would wait for ever.
        clear_frames(error.__traceback__)
        raise InputError(
            f"--attack textattack:{name}: a package or a download of this recipe is missing "
            f"({_in_short(error)}); get it, or take another recipe, as deepwordbug"
        ) from error


def _in_short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """(word, what stands for it); one is empty where words were added or taken away."""
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from zip_longest(old[i1:i2], new[j1:j2], fillvalue="")
