"""Part-of-speech tags for the chunks of a sentence: spaCy's tagger, or counts learned from it.

A tagger turns sentences into keys; a key determines everything about a chunk, so whoever uses
the keys can remember what it made of each (see ``triplets/chunks.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Protocol

from data_prep.english.context_tags import ContextTags, Word
from data_prep.english.installed import LONGEST_CHUNK, load_spacy_model
from data_prep.english.lexicon import Lexicon, TaggedSentence

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

BATCH = 100  # sentences; spaCy slows down with 1,000
LONGEST = 1 << 16  # characters that spaCy gets at once: its memory grows with them
MAX_REMEMBERED = 100_000  # chunks: a bound on memory for corpora of any size

Token = tuple[str, int, str]  # form, offset in the chunk, Penn tag


class Tagger(Protocol):
    """Keys for sentences, and the tokens that a key stands for."""

    def keys(self, sentences: list[str]) -> Iterator[list]:
        """The keys of each sentence, one for each chunk between two spaces."""

    def tokens(self, key: Any) -> tuple[str, list[Token]]:
        """The chunk's text and its tokens."""


def load_tagger_model() -> Language:
    """spaCy's tokenizer, tok2vec and tagger: the lemmas come from lemminflect and WordNet."""
    return load_spacy_model(exclude=("parser", "ner", "attribute_ruler", "lemmatizer", "senter"))


def tag_sentences(nlp: Language, sentences: Iterable[str]) -> Iterator[TaggedSentence]:
    """The (form, tag) pairs of each sentence, without chunks too long for a word."""
    for doc in nlp.pipe(sentences, batch_size=BATCH):
        yield [(token.text, token.tag_) for token in doc if len(token) <= LONGEST_CHUNK]


class SpacyTagger:
    """Tags words in context. A key is (chunk, tag ids of its tokens)."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp

    def keys(self, sentences: list[str]) -> Iterator[list[tuple[str, tuple[int, ...]]]]:
        divided = [[*_parts(sentence)] for sentence in sentences]
        tagged = (part for parts in divided for part in parts if len(part) <= LONGEST)
        # The zone frees the words that the pipeline remembers: else they grow with the corpus.
        with self._nlp.memory_zone():
            docs = self._nlp.pipe(tagged, batch_size=BATCH)
            for parts in divided:
                keys: list[tuple[str, tuple[int, ...]]] = []
                for part in parts:
                    if len(part) > LONGEST:
                        keys.append((part, ()))
                    else:
                        keys += zip(part.split(" "), _tags_by_chunk(next(docs)), strict=True)
                yield keys

    def tokens(self, key: tuple[str, tuple[int, ...]]) -> tuple[str, list[Token]]:
        chunk, tags = key
        strings = self._nlp.vocab.strings
        if not tags or len(chunk) > LONGEST_CHUNK:  # too long for a word
            return chunk, []
        if len(tags) == 1:
            return chunk, [(chunk, 0, strings[tags[0]])]
        doc = self._nlp.make_doc(chunk)
        if len(doc) != len(tags):
            # Tokenized differently in its sentence: without offsets nothing in it is replaced.
            return chunk, [(token.text, token.idx, "") for token in doc]
        return chunk, [(t.text, t.idx, strings[tag]) for t, tag in zip(doc, tags, strict=True)]


def _parts(sentence: str) -> Iterator[str]:
    """A sentence cut at spaces into parts of ``LONGEST``; a longer one is a single chunk."""
    while len(sentence) > LONGEST:
        place = sentence.rfind(" ", 0, LONGEST + 1)
        if place < 0:
            place = sentence.find(" ")
        if place < 0:
            break
        yield sentence[:place]
        sentence = sentence[place + 1 :]
    yield sentence


def _tags_by_chunk(doc: Doc) -> list[tuple[int, ...]]:
    """The tag ids of the tokens between two spaces."""
    chunks, current = [], []
    for tag, space in doc.to_array(["TAG", "SPACY"]).tolist():
        current.append(tag)
        if space:
            chunks.append(tuple(current))
            current = []
    chunks.append(tuple(current))
    return chunks


class LexiconTagger:
    """Tags words by what the lexicon knows of them and their neighbors.

    A key is (chunk, tags of its tokens). Context begins anew at each sentence.
    """

    def __init__(self, nlp: Language, lexicon: Lexicon) -> None:
        self._nlp = nlp
        self._model = ContextTags(lexicon.counts, lexicon.following)
        # Only these words of letters alone ("cannot") are more than one token.
        self._special_cases = frozenset(nlp.tokenizer.rules)
        self._words = _Words(self)

    def keys(self, sentences: list[str]) -> Iterator[list[tuple[str, tuple[str, ...]]]]:
        words_of, tags_of = self._words.__getitem__, self._model.tags
        with self._nlp.memory_zone():
            for text in sentences:
                chunks = text.split(" ")
                words = list(map(words_of, chunks))
                tags = iter(tags_of(list(chain.from_iterable(words))))
                sizes = map(len, words)
                yield [(c, tuple(islice(tags, n))) for c, n in zip(chunks, sizes, strict=True)]
                if len(self._words) > MAX_REMEMBERED:
                    self._words.clear()

    def tokens(self, key: tuple[str, tuple[str, ...]]) -> tuple[str, list[Token]]:
        chunk, tags = key
        if len(chunk) > LONGEST_CHUNK:  # too long for a word
            return chunk, []
        tokens, offset = [], 0
        for form, tag in zip(self.forms(chunk), tags, strict=True):
            tokens.append((form, offset, tag))
            offset += len(form)
        return chunk, tokens

    def forms(self, chunk: str) -> tuple[str, ...]:
        """The tokens of a chunk."""
        if len(chunk) > LONGEST_CHUNK or (chunk.isalpha() and chunk not in self._special_cases):
            return (chunk,)
        return tuple(token.text for token in self._nlp.make_doc(chunk))

    def words(self, chunk: str) -> tuple[Word, ...]:
        """The tokens of a chunk as words of the model."""
        return tuple(map(self._model.word, self.forms(chunk)))


class _Words(dict):
    """The tokens of chunks as words of the model, by the chunk."""

    def __init__(self, tagger: LexiconTagger) -> None:
        super().__init__()
        self._tagger = tagger

    def __missing__(self, chunk: str) -> tuple[Word, ...]:
        value = self[chunk] = self._tagger.words(chunk)
        return value
