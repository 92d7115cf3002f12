"""More training examples, made of given ones: synonym copies, and what fooled a classifier."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from itertools import islice

from data_prep.classification.attack_log import (
    FAILED,
    SKIPPED,
    SUCCESS,
    adversarial_examples,
    examples_sha256,
    read_attack_log,
)
from data_prep.classification.examples import Example
from data_prep.english.synonym_places import DEFAULT_SHARE, find_places
from data_prep.errors import InputError
from data_prep.files.progress import Bar


def synonym_copies(
    examples: Sequence[Example], copies: int = 1, share: float = DEFAULT_SHARE, seed: int = 1
) -> list[Example]:
    """Copies of examples with other words; a copy like its example or another copy is left out.

    Args:
        copies: number of copies of each example.
        share: share of the words of a text that become synonyms, in (0, 1], one at least.
        seed: seed of the choice of words and synonyms.

    Raises:
        InputError: an argument is out of its range.
        ResourceError: WordNet or spaCy's model is not installed.
    """
    if copies < 1:
        raise InputError(f"--copies {copies}: must be 1 or more")
    if not 0 < share <= 1:
        raise InputError(f"--share {share:g}: must be above 0 and at most 1")
    lines = find_places(text for example in examples for text in example.texts)
    new = []
    for number, example in enumerate(Bar(examples, "synonyms", unit=" examples")):
        versions = [*islice(lines, len(example.texts))]
        seen = {example.texts}
        for copy in range(copies):
            rng = random.Random(f"{seed} {number} {copy}")
            texts = tuple(line.some_replaced(share, rng) for line in versions)
            if texts not in seen:
                seen.add(texts)
                new.append(Example(example.label, texts))
    return new


def logged_examples(
    examples: Sequence[Example], attack_log: str | os.PathLike[str]
) -> tuple[list[Example], str]:
    """The examples that fooled a classifier, with their true labels, in the order of the originals.

    Args:
        examples: the examples that were attacked.
        attack_log: of ``fairseq_cline.evaluation.adversarial --attack``.

    Returns:
        The new examples, and a sentence about the attacks.

    Raises:
        InputError: the log cannot be read, or is about other examples.
    """
    settings, attacks = read_attack_log(attack_log)
    if settings["examples_sha256"] != examples_sha256(examples):
        raise InputError(
            f"{attack_log}: about other examples than these; give the file that was attacked, "
            "raw/train.tsv of the data-bin for --split train"
        )
    if attacks and max(attacks) >= len(examples):
        raise InputError(
            f"{attack_log}: has an attack on example {max(attacks)}, but there are "
            f"{len(examples)}; make it again"
        )
    outcomes = [attack.outcome for attack in attacks.values()]
    counts = {outcome: outcomes.count(outcome) for outcome in (SUCCESS, FAILED, SKIPPED)}
    summary = (
        f"{len(attacks):,} examples attacked: {counts[SUCCESS]:,} with success, "
        f"{counts[FAILED]:,} without, {counts[SKIPPED]:,} skipped (wrong from the start)"
    )
    return [*adversarial_examples(examples, attacks)], summary
