"""Chunks of text (between two spaces): their ids and their replaceable word, remembered.

Ids are kept as bytes of int32 with the label in the lowest bit, so that a sentence is made by
joining byte strings: generation spends no time on single tokens.
"""

from __future__ import annotations

import array
from dataclasses import dataclass

from data_prep.english.substitutes import Substitutes, find_substitutes, match_case
from data_prep.english.taggers import Tagger
from data_prep.tokenizers.subwords import SubwordEncoder

KINDS = ("synonym", "hypernym", "inflection", "antonym", "random")
_WEIGHTS = {"synonym": 0.6, "hypernym": 0.2, "inflection": 0.2}

INT32_BYTES = 4  # size of an id in ``Encoded.data``
MAX_REMEMBERED = 100_000  # entries: a bound on memory for corpora of any size


@dataclass(slots=True, frozen=True)
class Encoded:
    """A chunk ready to be joined: ids and labels, also for the first place in a block."""

    text: str
    span: tuple[int, int]
    data: bytes
    first: bytes


class Slot:
    """The replaceable word of a chunk."""

    __slots__ = (
        "antonyms",
        "form",
        "keepers",
        "prefix",
        "suffix",
        "synonyms",
        "taboo",
        "tag",
        "thresholds",
    )

    def __init__(self, chunk: str, offset: int, form: str, tag: str, found: Substitutes) -> None:
        self.form, self.tag = form, tag
        self.prefix, self.suffix = chunk[:offset], chunk[offset + len(form) :]
        self.synonyms, self.antonyms = found.synonyms, found.antonyms
        # Meaning-keeping kinds with their share of the draws, (kind, words), and upper limits.
        kinds = (found.synonyms, found.hypernyms, found.inflections)
        self.keepers = [(k, w) for k, w in zip(_WEIGHTS, kinds, strict=True) if w]
        total = sum(_WEIGHTS[kind] for kind, _ in self.keepers)
        self.thresholds, reached = [], 0.0
        for kind, _ in self.keepers:
            reached += _WEIGHTS[kind] / total
            self.thresholds.append(reached)
        # A random word must change the meaning: not the word itself, nor one that keeps it.
        self.taboo = frozenset((form.lower(), *(word for words in kinds for word in words)))


@dataclass(slots=True, frozen=True)
class Chunk:
    """A chunk of the corpus: its encoding, its number of word tokens, its replaceable word."""

    encoded: Encoded
    words: int
    slot: Slot | None


class ReplacedChunks(dict):
    """Encoded chunks by (prefix, word, suffix), the word marked.

    The value is None where the border of the word is inside a piece.
    """

    def __init__(self, encoder: SubwordEncoder) -> None:
        super().__init__()
        self._encoder = encoder

    def __missing__(self, key: tuple[str, str, str]) -> Encoded | None:
        prefix, word, suffix = key
        span = (len(prefix), len(prefix) + len(word))
        value = self[key] = encode(self._encoder, prefix + word + suffix, span)
        return value


class Chunks(dict):
    """Chunks by the tagger's key."""

    def __init__(self, tagger: Tagger, encoder: SubwordEncoder) -> None:
        super().__init__()
        self._tagger = tagger
        self._encoder = encoder

    def __missing__(self, key: object) -> Chunk:
        text, tokens = self._tagger.tokens(key)
        slot = None
        for form, offset, tag in tokens:
            if match_case(form, form) is None or not tag:
                continue
            found = find_substitutes(form.lower(), tag)
            if found:
                slot = Slot(text, offset, form, tag, found)
                break
        encoded = encode(self._encoder, text, (0, 0))
        assert encoded is not None  # an empty span has no border to cross
        words = sum(any(c.isalnum() for c in form) for form, _, _ in tokens)
        value = self[key] = Chunk(encoded, words, slot)
        return value


def encode(encoder: SubwordEncoder, text: str, span: tuple[int, int]) -> Encoded | None:
    """The chunk for the inside and for the first place of a block.

    None where the border of the span is inside a piece.
    """
    inside = encoder.encode(text, span)
    if inside is None:
        return None
    data = pack(inside.ids, inside.labels)
    if not encoder.space_matters:
        return Encoded(text, span, data, data)
    first = encoder.encode(text, span, first=True)
    return None if first is None else Encoded(text, span, data, pack(first.ids, first.labels))


def pack(ids: list[int], labels: list[int]) -> bytes:
    """Ids and 0/1 labels as the bytes of int32 ``2 * id + label``."""
    return array.array("i", (2 * i + label for i, label in zip(ids, labels, strict=True))).tobytes()
