"""Blocks of (original, synonym, antonym) token ids, made from units of text.

A block is a run of whole sentences, of one document unless documents may be joined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from data_prep.english.negation import Negation
from data_prep.english.offensive_words import OFFENSIVE_WORDS
from data_prep.english.random_words import RandomWords
from data_prep.english.sentences import split_sentences
from data_prep.english.taggers import MAX_REMEMBERED, Tagger
from data_prep.errors import InputError
from data_prep.files.text_units import Unit
from data_prep.tokenizers.subwords import SubwordEncoder
from data_prep.triplets.chunks import (
    INT32_BYTES,
    Chunk,
    Chunks,
    Encoded,
    ReplacedChunks,
    pack,
)
from data_prep.triplets.negations import NEGATED_ANTONYM, NEGATION, Negations
from data_prep.triplets.one_word import OneWordPerturbation
from data_prep.triplets.perturbation import Perturbation, Sentence

VERSIONS = ("ori", "syn", "ant")
MIN_TOKENS = 8


@dataclass(frozen=True)
class TripletOptions:
    """Choices that fix the triplets besides text, tagger and tokenizer.

    Raises:
        InputError: they do not fit each other.
    """

    seed: int
    """Seed of the random choices."""
    tokens_per_sample: int
    """Longest block in sub-words, ``<s>`` and ``</s>`` included."""
    sample_break_mode: str
    """A block is filled with sentences (``complete``), ends with its document (``complete_doc``),
    or is one line (``eos``)."""
    one_word: bool = False
    """One word replaced in each version, by a synonym and an antonym; else CLINE's shares."""
    avoid: frozenset[str] = OFFENSIVE_WORDS
    """Lower-case words that never stand for another one."""
    antonyms_only: bool = False
    """No random words in the antonym version; triplets without an antonym are left out."""
    negations: float = 0.0
    """Share of blocks that are a sentence in which a clause is negated, or no longer negated."""

    def __post_init__(self) -> None:
        if self.tokens_per_sample < MIN_TOKENS:
            raise InputError(f"--tokens-per-sample must be at least {MIN_TOKENS}")
        if self.one_word and self.sample_break_mode != "eos":
            raise InputError(
                "--one-word makes a triplet of each line: give --sample-break-mode eos"
            )
        if self.one_word and self.negations:
            raise InputError("--one-word replaces one word in each line: leave out --negations")


@dataclass(frozen=True)
class Blocks:
    """The blocks of one unit: concatenated ids of each version, sizes, labels, and counts."""

    ids: dict[str, np.ndarray]
    sizes: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    stats: Counter[str]


@dataclass
class _Block:
    """Sentences gathered until ``limit`` tokens are reached in one of the versions."""

    sentences: list[Sentence] = field(default_factory=list)
    sizes: list[int] = field(default_factory=lambda: [0, 0, 0])
    kinds: Counter[str] = field(default_factory=Counter)
    left_alone: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    changed: int = 0

    def fits(self, sizes: list[int], limit: int) -> bool:
        return all(a + b <= limit for a, b in zip(self.sizes, sizes, strict=True))

    def add(self, sentence: Sentence, sizes: list[int]) -> None:
        self.sentences.append(sentence)
        self.sizes = [a + b for a, b in zip(self.sizes, sizes, strict=True)]
        self.kinds.update(sentence.kept.values())
        self.kinds.update(sentence.changed.values())
        self.left_alone.update(sentence.left_alone)
        self.kept += len(sentence.kept)
        self.changed += len(sentence.changed)


class TripletMaker:
    """Turns units of text into blocks. The same unit gives the same blocks, whoever makes them."""

    def __init__(
        self,
        tagger: Tagger,
        encoder: SubwordEncoder,
        random_words: RandomWords,
        options: TripletOptions,
        negation: Negation | None = None,
    ) -> None:
        """Keeps what triplets are made with.

        Args:
            negation: finds clauses to negate, for a share of negations.
        """
        if options.negations and negation is None:
            raise ValueError("a share of negations needs what finds them")
        self._tagger = tagger
        self._encoder = encoder
        self._chunks = Chunks(tagger, encoder, options.avoid)
        self._replaced = ReplacedChunks(encoder)
        self._random_words = random_words
        self._options = options
        self._negation = negation
        self._limit = options.tokens_per_sample - 2  # <s> and </s>
        self._eos = pack([encoder.dictionary.eos()], [0])
        small = len(encoder.dictionary) < np.iinfo(np.uint16).max
        self._dtype = np.uint16 if small else np.int32

    def __call__(self, split: str, unit: Unit) -> Blocks:
        """The blocks of one unit."""
        stats: Counter[str] = Counter()
        parts: dict[str, list[bytes]] = {version: [] for version in VERSIONS}
        for block in self.blocks(split, unit, stats):
            for version, sentences in zip(VERSIONS, self.versions(block), strict=True):
                parts[version].append(self._join(sentences))
        ids, sizes, labels = {}, {}, {}
        for version, blocks in parts.items():
            packed = np.frombuffer(b"".join(blocks), dtype=np.int32)
            ids[version] = (packed >> 1).astype(self._dtype)
            sizes[version] = np.array([len(b) // INT32_BYTES for b in blocks], dtype=np.int32)
            labels[version] = (packed & 1).astype(np.uint8)
            stats[f"tokens_{version}"] = len(packed)
        del labels["ori"]
        for memory in (self._chunks, self._replaced):
            if len(memory) > MAX_REMEMBERED:
                memory.clear()
        return Blocks(ids, sizes, labels, stats)

    def blocks(self, split: str, unit: Unit, stats: Counter[str]) -> Iterator[list[Sentence]]:
        """The sentences of each block; ``stats`` counts those that go in and those left out."""
        seed = f"{self._options.seed}/{split}/{unit.index}"
        options = self._options
        perturb: Perturbation | OneWordPerturbation
        negations = None
        if options.one_word:
            perturb = OneWordPerturbation(self._replaced, seed)
        else:
            perturb = Perturbation(self._replaced, self._random_words, seed, options.antonyms_only)
            if self._negation:
                negations = Negations(
                    self._negation, self._encoder, perturb, options.negations, seed
                )
        for block in self._gathered(unit, perturb, stats, negations):
            for sentences in self._finish(block, stats):
                if negations:
                    negations.count_block()
                yield sentences

    def _gathered(
        self,
        unit: Unit,
        perturb: Perturbation | OneWordPerturbation,
        stats: Counter[str],
        negations: Negations | None = None,
    ) -> Iterator[_Block]:
        """The sentences of a unit, as many in a block as it can hold."""
        block = _Block()
        for chunks in self._tagged(unit):
            if chunks is None:
                yield block
                block = _Block()
                continue
            alone = negations.take(chunks, self._limit) if negations else None
            if alone:
                negated = _Block()
                negated.add(alone, alone.sizes())
                yield negated
                continue
            parts = [chunks]
            while parts:
                part = parts.pop()
                # A triplet needs one replaced word in each version.
                sentence = perturb(part, int(not block.kept), int(not block.changed))
                sizes = sentence.sizes()
                if max(sizes) > self._limit:
                    if len(part) > 1:
                        middle = len(part) // 2
                        parts += [part[middle:], part[:middle]]
                        stats["sentences_split"] += 1
                        continue
                    sentence, sizes = self._cut(sentence), [self._limit] * 3
                    stats["words_truncated"] += 1
                if not block.fits(sizes, self._limit):
                    yield block
                    block = _Block()
                block.add(sentence, sizes)
        yield block

    def _tagged(self, unit: Unit) -> Iterator[list[Chunk] | None]:
        """The sentences of a unit as chunks; None where a block must end."""
        mode = self._options.sample_break_mode
        texts: list[str] = []
        ends: set[int] = set()
        for line in unit.lines:
            if line:
                texts.extend(split_sentences(line, by_line=mode == "eos"))
            if mode == "eos" or (mode == "complete_doc" and not line):
                ends.add(len(texts))
        known = self._chunks.__getitem__
        for number, keys in enumerate(self._tagger.keys(texts)):
            if number in ends:
                yield None
            yield list(map(known, keys))

    def _cut(self, sentence: Sentence) -> Sentence:
        """The beginning of one "word" longer than a block, a URL for example, unreplaced."""
        whole = sentence.versions[0][0]
        size = self._limit * INT32_BYTES
        cut = [Encoded(whole.text, (0, 0), whole.data[:size], whole.first[:size])]
        left_alone = sentence.left_alone
        return Sentence((cut, cut, cut), sentence.chunks, sentence.words, {}, {}, left_alone)

    def _finish(self, block: _Block, stats: Counter[str]) -> Iterator[list[Sentence]]:
        """Yields the block, unless one of its versions has no replaced word: then it is counted."""
        if not block.sentences:
            return
        words = sum(sentence.words for sentence in block.sentences)
        stats["words_read"] += words
        if not block.kept or not block.changed:
            stats["blocks_without_replacement"] += 1
            return
        stats.update(block.kinds)
        stats.update(block.left_alone)
        stats["words"] += words
        stats["sentences"] += len(block.sentences)
        stats["blocks"] += 1
        stats["blocks_negated"] += bool(block.kinds[NEGATION])
        stats["blocks_turned"] += bool(block.kinds[NEGATED_ANTONYM])
        yield block.sentences

    @staticmethod
    def versions(block: list[Sentence]) -> list[list[Encoded]]:
        """The chunks of each version of a block."""
        return [[e for s in block for e in s.versions[v]] for v in range(len(VERSIONS))]

    def _join(self, chunks: list[Encoded]) -> bytes:
        rest = b"".join([chunk.data for chunk in chunks[1:]])
        return chunks[0].first + rest + self._eos
