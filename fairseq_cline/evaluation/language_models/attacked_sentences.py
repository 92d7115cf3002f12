"""Sentences of a data-bin with a complete word in their last third, which an attack moves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from fairseq.data import Dictionary, data_utils

from data_prep.errors import InputError
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation.language_models.language_model import (
    LanguageModel,
    check_split,
    longest_row,
)

_SENTENCE_ENDS = (".", "!", "?")


@dataclass(frozen=True)
class AttackedSentence:
    """A sentence and the place of the word to move."""

    tokens: np.ndarray  # without </s>
    place: int


def draw_sentences(
    models: Sequence[LanguageModel], split: str, count: int, length: int, seed: int
) -> list[AttackedSentence]:
    """Draws at most `count` sentences and a word of each; they keep the order of the text.

    They have a complete word in the last third, and fit every model with a completion of `length`.

    Raises:
        InputError: there is no such split, it is damaged, or it has no such sentence.
    """
    check_split(models, split)
    task = models[0].task
    lines = data_utils.load_indexed_dataset(models[0].data.path(split), task.dictionary)
    longest = longest_row(models) - 1 - length  # one for the </s> in front
    rng = np.random.default_rng(seed)
    found = [
        AttackedSentence(tokens, int(rng.choice(places)))
        for tokens, places in _late_words(lines, task.dictionary)
        if len(tokens) <= longest
    ]
    if not found:
        raise InputError(
            f"--split {split}: no sentence of at most {longest} tokens has a complete word in its "
            "last third; give another split or a smaller --length"
        )
    chosen = rng.choice(len(found), size=min(count, len(found)), replace=False)
    return [found[i] for i in sorted(chosen)]


def _late_words(lines, dictionary: Dictionary) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The sentences with a complete word in their last third, and the places of these words."""
    words = CandidateWords(dictionary)
    ends = [dictionary.index(symbol) for symbol in _SENTENCE_ENDS]
    ends = [index for index in ends if index != dictionary.unk()]
    for line in lines:
        line = line.numpy()
        is_word = words.positions(line)
        for part in np.split(np.arange(len(line)), np.flatnonzero(np.isin(line, ends)) + 1):
            part = part[line[part] != dictionary.eos()]
            places = np.flatnonzero(is_word[part])
            places = places[3 * places >= 2 * len(part)]
            if len(places):
                yield line[part], places
