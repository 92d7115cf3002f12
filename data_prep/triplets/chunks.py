"""Chunks of text (between two spaces): their ids and their replaceable word, remembered.

Ids are kept as bytes of int32 with the label in the lowest bit, so that a sentence is made by
joining byte strings: generation spends no time on single tokens.
"""

from __future__ import annotations

import array
from dataclasses import dataclass

from data_prep.english.expressions import Link
from data_prep.english.replaceable import (
    Replaceable,
    find_replaceable,
    is_possessive,
    link_of,
)
from data_prep.english.substitutes import NO_CONTENT_TAG
from data_prep.english.taggers import Tagger
from data_prep.tokenizers.subwords import SubwordEncoder

# Most words have inflections, few have synonyms.
_WEIGHTS = {"synonym": 0.7, "hypernym": 0.2, "inflection": 0.1}

INT32_BYTES = 4  # size of an id in ``Encoded.data``


@dataclass(slots=True, frozen=True)
class Encoded:
    """A chunk ready to be joined: ids and labels, also for the first place in a block."""

    text: str
    span: tuple[int, int]
    data: bytes
    first: bytes


GONE = Encoded("", (0, 0), b"", b"")
"""The place of a chunk that was left out, or is a part of the chunk before it now."""


class Keepers:
    """Words of the kinds that keep the meaning, to be drawn from."""

    __slots__ = ("kinds", "thresholds")

    def __init__(self, kinds: dict[str, tuple[str, ...]]) -> None:
        """Takes kind -> words; a kind is drawn by its weight, a word of it by chance."""
        self.kinds = [(kind, words) for kind, words in kinds.items() if words]
        total = sum(_WEIGHTS[kind] for kind, _ in self.kinds)
        self.thresholds, reached = [], 0.0
        for kind, _ in self.kinds:
            reached += _WEIGHTS[kind] / total
            self.thresholds.append(reached)

    def __bool__(self) -> bool:
        return bool(self.kinds)


NO_KEEPERS = Keepers({})


class Slot:
    """The replaceable word of a chunk."""

    __slots__ = (
        "after",
        "antonyms",
        "before",
        "inflections",
        "keepers",
        "synonyms",
        "taboo",
        "tag",
        "uninflected",
        "word",
    )

    def __init__(self, found: Replaceable) -> None:
        self.before, self.word, self.after = found.before, found.word, found.after
        self.tag, others = found.tag, found.substitutes
        self.synonyms, self.antonyms = others.synonyms, others.antonyms
        inflections = {"inflection": others.inflections}
        named = {"synonym": others.synonyms, "hypernym": others.hypernyms}
        self.keepers = Keepers({**named, **inflections})
        self.uninflected = Keepers(named)
        """The same for a word before a possessive mark that is written apart."""
        self.inflections = Keepers(inflections if self.tag.startswith("VB") else {})
        """The same for a verb that begins a fixed expression: "takes place"."""
        # A random word must change the meaning: not the word itself, nor one that keeps it.
        self.taboo = frozenset(
            (self.word.lower(), *others.synonyms, *others.hypernyms, *others.inflections)
        )


@dataclass(slots=True, frozen=True)
class Chunk:
    """A chunk of the corpus."""

    encoded: Encoded
    words: int
    """Number of its word tokens."""
    slot: Slot | None
    """Its replaceable word."""
    left_alone: str
    """The reason why its other words are left alone."""
    link: Link
    """The chunk as a word of fixed expressions."""
    possessive: bool
    """Whether it is the mark of a possessive, written apart."""


class ReplacedChunks(dict):
    """Encoded chunks by (before, word, after), the word marked.

    The value is None where the border of the word is inside a piece.
    """

    def __init__(self, encoder: SubwordEncoder) -> None:
        super().__init__()
        self._encoder = encoder

    def __missing__(self, key: tuple[str, str, str]) -> Encoded | None:
        before, word, after = key
        span = (len(before), len(before) + len(word))
        value = self[key] = encode(self._encoder, before + word + after, span)
        return value


class Chunks(dict):
    """Chunks by the tagger's key."""

    def __init__(self, tagger: Tagger, encoder: SubwordEncoder, avoid: frozenset[str]) -> None:
        """Keeps what chunks are made with; ``avoid``: words that never stand for another one."""
        super().__init__()
        self._tagger = tagger
        self._encoder = encoder
        self._avoid = avoid

    def __missing__(self, key: object) -> Chunk:
        text, tokens = self._tagger.tokens(key)
        found = find_replaceable(text, tokens, self._avoid)
        encoded = encode(self._encoder, text, (0, 0))
        assert encoded is not None  # an empty span has no border to cross
        value = self[key] = Chunk(
            encoded,
            words=sum(any(c.isalnum() for c in form) for form, _, _ in tokens),
            slot=Slot(found) if isinstance(found, Replaceable) else None,
            left_alone=NO_CONTENT_TAG if isinstance(found, Replaceable) else found,
            link=link_of(text, tokens),
            possessive=is_possessive(text, tokens),
        )
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
