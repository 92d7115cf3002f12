"""From sentences to blocks of (original, synonym, antonym) token ids: CLINE, section 3.1.

A block is a run of whole sentences of one document. In the synonym version about 40% of the word
tokens are replaced by words that keep the meaning, in the antonym version about 20% by words that
change it; the replacement is word for word, so all versions have the same number of words.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from data_prep.chunks import MAX_REMEMBERED, Chunk, Chunks, Encoded, ReplacedChunks, pack
from data_prep.corpus import Unit
from data_prep.lexicon import RandomWords
from data_prep.sentences import split_sentences
from data_prep.substitutes import match_case
from data_prep.subwords import SubwordEncoder
from data_prep.taggers import Tagger

VERSIONS = ("ori", "syn", "ant")
SYNONYM_SHARE = 0.4  # of all word tokens, section 3.1
ANTONYM_SHARE = 0.2
MAX_CREDIT = 8.0  # words that sentences rich in content may make up for poor ones

_INT32 = 4
_EOS_LABEL = 0


@dataclass(frozen=True)
class TripletOptions:
    """What fixes the outcome besides text, tagger and tokenizer."""

    seed: int
    tokens_per_sample: int
    sample_break_mode: str


@dataclass(frozen=True)
class Blocks:
    """The blocks of one unit: concatenated ids of each version, sizes, labels, and counts."""

    ids: dict[str, np.ndarray]
    sizes: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    stats: Counter[str]


@dataclass(slots=True)
class _Sentence:
    """The three versions of a sentence: a list of encoded chunks each."""

    versions: tuple[list[Encoded], list[Encoded], list[Encoded]]
    words: int
    kinds: list[str]

    def sizes(self) -> list[int]:
        """Tokens of each version, wherever in a block the sentence will stand."""
        return [
            (sum([len(e.data) for e in v]) + max(0, len(v[0].first) - len(v[0].data))) // _INT32
            for v in self.versions
        ]


class _Quota:
    """How many words to replace, so that the share is met over many sentences.

    Each sentence gives credit for its words; what rounding or a lack of candidates leaves is
    carried on to the next, within limits.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._credit = 0.0

    def take(self, words: int, available: int) -> int:
        self._credit = min(self._credit, MAX_CREDIT) + self._share * words
        count = min(max(1, int(self._credit)), available)
        self._credit = max(self._credit - count, -MAX_CREDIT)
        return count


@dataclass
class _Block:
    """Sentences gathered until ``limit`` tokens are reached in one of the versions."""

    sentences: list[_Sentence] = field(default_factory=list)
    sizes: list[int] = field(default_factory=lambda: [0, 0, 0])

    def fits(self, sizes: list[int], limit: int) -> bool:
        return all(a + b <= limit for a, b in zip(self.sizes, sizes, strict=True))

    def add(self, sentence: _Sentence, sizes: list[int]) -> None:
        self.sentences.append(sentence)
        self.sizes = [a + b for a, b in zip(self.sizes, sizes, strict=True)]


class TripletMaker:
    """Turns units of text into blocks. The same unit gives the same blocks, whoever makes them."""

    def __init__(
        self,
        tagger: Tagger,
        encoder: SubwordEncoder,
        random_words: RandomWords,
        options: TripletOptions,
    ) -> None:
        self._tagger = tagger
        self._encoder = encoder
        self._chunks = Chunks(tagger, encoder)
        self._replaced = ReplacedChunks(encoder)
        self._random_words = random_words
        self._options = options
        self._limit = options.tokens_per_sample - 2  # <s> and </s>
        self._eos = pack([encoder.dictionary.eos()], [_EOS_LABEL])
        small = len(encoder.dictionary) < np.iinfo(np.uint16).max
        self._dtype = np.uint16 if small else np.int32

    def __call__(self, split: str, unit: Unit) -> Blocks:
        """All blocks of one unit."""
        stats: Counter[str] = Counter()
        parts: dict[str, list[bytes]] = {version: [] for version in VERSIONS}
        for block in self.blocks(split, unit, stats):
            for version, sentences in zip(VERSIONS, self.versions(block), strict=True):
                parts[version].append(self._join(sentences))
        ids, sizes, labels = {}, {}, {}
        for version, blocks in parts.items():
            packed = np.frombuffer(b"".join(blocks), dtype=np.int32)
            ids[version] = (packed >> 1).astype(self._dtype)
            sizes[version] = np.array([len(b) // _INT32 for b in blocks], dtype=np.int32)
            labels[version] = (packed & 1).astype(np.uint8)
            stats[f"tokens_{version}"] = len(packed)
        del labels["ori"]
        for memory in (self._chunks, self._replaced):
            if len(memory) > MAX_REMEMBERED:
                memory.clear()
        return Blocks(ids, sizes, labels, stats)

    def blocks(self, split: str, unit: Unit, stats: Counter[str]) -> Iterator[list[_Sentence]]:
        """Yield the sentences of each block; ``stats`` counts what goes in and what is left out."""
        rng = random.Random(f"{self._options.seed}/{split}/{unit.index}")
        quotas = (_Quota(SYNONYM_SHARE), _Quota(ANTONYM_SHARE))
        block = _Block()
        for chunks in self._tagged(unit):
            if chunks is None:
                yield from self._finish(block, stats)
                block = _Block()
                continue
            for sentence, sizes in self._fitting(chunks, rng, quotas, stats):
                if not block.fits(sizes, self._limit):
                    yield from self._finish(block, stats)
                    block = _Block()
                block.add(sentence, sizes)
        yield from self._finish(block, stats)

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

    def _fitting(
        self,
        chunks: list[Chunk],
        rng: random.Random,
        quotas: tuple[_Quota, _Quota],
        stats: Counter[str],
    ) -> Iterator[tuple[_Sentence, list[int]]]:
        """The sentence in its three versions; in halves if it is longer than a block may be."""
        sentence = self._perturb(chunks, rng, quotas)
        sizes = sentence.sizes()
        if max(sizes) <= self._limit:
            yield sentence, sizes
        elif len(chunks) > 1:
            stats["sentences_split"] += 1
            middle = len(chunks) // 2
            yield from self._fitting(chunks[:middle], rng, quotas, stats)
            yield from self._fitting(chunks[middle:], rng, quotas, stats)
        else:
            # One "word" longer than a block, a URL for example: keep its beginning, unreplaced.
            stats["words_truncated"] += 1
            whole = chunks[0].encoded
            size = self._limit * _INT32
            cut = Encoded(whole.text, (0, 0), whole.data[:size], whole.first[:size])
            yield _Sentence(([cut], [cut], [cut]), sentence.words, []), [self._limit] * 3

    def _perturb(
        self, chunks: list[Chunk], rng: random.Random, quotas: tuple[_Quota, _Quota]
    ) -> _Sentence:
        original = [chunk.encoded for chunk in chunks]
        words = sum([chunk.words for chunk in chunks])
        slots = [i for i, chunk in enumerate(chunks) if chunk.slot]
        if not slots:
            return _Sentence((original, original, original), words, [])
        kinds: list[str] = []
        synonym, antonym = original.copy(), original.copy()
        for place in rng.sample(slots, quotas[0].take(words, len(slots))):
            self._keep_meaning(chunks[place], place, synonym, kinds, rng)
        # Words with a true antonym first: they make the harder negatives.
        count = quotas[1].take(words, len(slots))
        opposed = [i for i in slots if chunks[i].slot.antonyms]
        chosen = rng.sample(opposed, min(count, len(opposed)))
        if count > len(chosen):
            others = [i for i in slots if not chunks[i].slot.antonyms]
            chosen += rng.sample(others, count - len(chosen))
        for place in chosen:
            self._change_meaning(chunks[place], place, antonym, kinds, rng)
        return _Sentence((original, synonym, antonym), words, kinds)

    def _keep_meaning(
        self, chunk: Chunk, place: int, target: list[Encoded], kinds: list[str], rng: random.Random
    ) -> None:
        slot = chunk.slot
        if not slot.keepers:
            return
        draw = rng.random()
        index = next((i for i, limit in enumerate(slot.thresholds) if draw < limit), -1)
        kind, words = slot.keepers[index]
        word = words[int(rng.random() * len(words))]
        self._put(chunk, place, target, kinds, kind, word)

    def _change_meaning(
        self, chunk: Chunk, place: int, target: list[Encoded], kinds: list[str], rng: random.Random
    ) -> None:
        slot = chunk.slot
        if slot.antonyms:
            word = slot.antonyms[int(rng.random() * len(slot.antonyms))]
            self._put(chunk, place, target, kinds, "antonym", word)
        elif word := self._random_words.draw(slot.tag, slot.taboo, rng):
            self._put(chunk, place, target, kinds, "random", word)

    def _put(
        self,
        chunk: Chunk,
        place: int,
        target: list[Encoded],
        kinds: list[str],
        kind: str,
        word: str,
    ) -> None:
        slot = chunk.slot
        encoded = self._replaced[slot.prefix, match_case(slot.form, word), slot.suffix]
        if encoded is not None:
            target[place] = encoded
            kinds.append(kind)

    def _finish(self, block: _Block, stats: Counter[str]) -> Iterator[list[_Sentence]]:
        """Yield the block unless one of its versions has no replaced word (then it is counted)."""
        if not block.sentences:
            return
        kinds = Counter(kind for sentence in block.sentences for kind in sentence.kinds)
        words = sum(sentence.words for sentence in block.sentences)
        kept = kinds["synonym"] + kinds["hypernym"] + kinds["inflection"]
        changed = kinds["antonym"] + kinds["random"]
        stats["words_read"] += words
        if not kept or not changed:
            stats["blocks_without_replacement"] += 1
            return
        stats.update(kinds)
        stats["words"] += words
        stats["sentences"] += len(block.sentences)
        stats["blocks"] += 1
        yield block.sentences

    @staticmethod
    def versions(block: list[_Sentence]) -> list[list[Encoded]]:
        """The chunks of each version of a block."""
        return [[e for s in block for e in s.versions[v]] for v in range(len(VERSIONS))]

    def _join(self, chunks: list[Encoded]) -> bytes:
        rest = b"".join([chunk.data for chunk in chunks[1:]])
        return chunks[0].first + rest + self._eos
