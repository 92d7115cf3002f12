"""Text to a data-bin of triplets: the look at the corpus, the splits, the manifest."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

from data_prep.english.installed import MODEL_VERSION
from data_prep.errors import InputError
from data_prep.files.checksums import text_sha256
from data_prep.files.interrupts import keeping
from data_prep.files.text_units import STDIN, Corpus
from data_prep.files.workers import Workers
from data_prep.tokenizers.tokenizer_folders import DICT
from data_prep.triplets.audit import Row, draw_replacements
from data_prep.triplets.databin_writer import LEXICON, DatabinWriter
from data_prep.triplets.generation import (
    Setup,
    build_maker,
    learn_lexicon,
    shared_encoder,
    show_triplets,
    write_split,
)
from data_prep.triplets.summary import ratios
from data_prep.triplets.triplet_maker import TripletOptions

SPLITS = ("train", "valid", "test")
SURVEY_WORDS = 200_000
PACKAGES = ("lemminflect", "nltk", "sentencepiece", "spacy", "tokenizers", "wordfreq")
GENERATOR = 5  # raised by every change of this package that changes the triplets


def make_databin(
    texts: Mapping[str, Sequence[str]],
    destdir: Path,
    *,
    tokenizer: Path,
    options: TripletOptions,
    tagger: str = "spacy",
    survey_words: int = SURVEY_WORDS,
    shard: tuple[int, int] = (0, 1),
    workers: int = 1,
    show: int = 0,
) -> None:
    """Makes a data-bin of triplets, or goes on where an unfinished call has stopped.

    It goes on if the text up to there is the same: what comes after may have been repaired. The
    lexicon is that of the text as the first call has found it. Prints what the splits hold. The
    same text and options give the same bytes.

    Args:
        texts: split (``train``, ``valid``, ``test``) -> files, folders, .gz files, or ``-`` for
            standard input.
        destdir: the folder to make; it must not exist yet.
        tokenizer: a tokenizer folder.
        options: what a triplet is.
        tagger: ``spacy``, or ``lexicon`` for the most frequent tag of each word in a tagged sample.
        survey_words: size of that sample in words.
        shard: (i, n) makes part i of n of the training text; other splits go into part 0.
        workers: processes; the result does not depend on it.
        show: print the first triplets, too.

    Raises:
        InputError: a text or an option is wrong, or ``destdir`` exists.
        ResourceError: WordNet or spaCy's model is not installed.
    """
    corpora = _open_corpora(texts, shard)
    encoder = shared_encoder(tokenizer)
    first, first_corpus = next(iter(corpora.items()))
    decided = {
        "tokens_per_sample": options.tokens_per_sample,
        "sample_break_mode": options.sample_break_mode,
        "one_word": options.one_word,
        "avoid": sorted(options.avoid),
        "antonyms_only": options.antonyms_only,
        "negations": options.negations,
        "tagger": tagger,
        "survey_words": survey_words,
        "seed": options.seed,
        "shard": "{}/{}".format(*shard),
        "tokenizer": {"type": encoder.kind, "sha256": encoder.sha256},
        "dict_sha256": text_sha256(tokenizer / DICT),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "spacy_model": MODEL_VERSION,
    }
    # The journal tells whether a text is the same as far as it was read: its size may change.
    writer = DatabinWriter(destdir, {**decided, "generator": GENERATOR, "splits": list(corpora)})
    with keeping(f"what is made by now stays in {writer.folder}"):
        lexicon = writer.lexicon(partial(learn_lexicon, first_corpus, survey_words))
        setup = Setup(tagger, tokenizer, lexicon, options)
        if show:
            show_triplets(setup, first, first_corpus, show)
        build_maker(setup)  # before the workers begin, so that they share it
        with Workers(workers) as pool:
            for split, corpus in corpora.items():
                part = shard if split == "train" else (0, 1)
                write_split(writer, setup, split, corpus, part, pool)
    counts = {split: writer.stats(split) for split in corpora}
    replaced = {split: {**stats, "replaced": ratios(stats)} for split, stats in counts.items()}
    writer.finish(encoder, GENERATOR, {**decided, "splits": replaced})


@dataclass(frozen=True)
class Look:
    """A look at the triplets that ``make_databin`` would make of its first split.

    Arguments and errors are those of ``make_databin``.
    """

    texts: Mapping[str, Sequence[str]]
    tokenizer: Path
    options: TripletOptions
    tagger: str = "spacy"
    survey_words: int = SURVEY_WORDS
    shard: tuple[int, int] = (0, 1)

    @contextmanager
    def setup(self) -> Iterator[tuple[Setup, str, Corpus]]:
        """The setup of the first split, its name and its text, for as long as they are used."""
        corpora = _open_corpora(self.texts, self.shard)
        shared_encoder(self.tokenizer)
        split, corpus = next(iter(corpora.items()))
        with tempfile.TemporaryDirectory() as folder:
            lexicon = Path(folder) / LEXICON
            learn_lexicon(corpus, self.survey_words, lexicon)
            yield Setup(self.tagger, self.tokenizer, lexicon, self.options), split, corpus


def preview_triplets(look: Look, show: int) -> None:
    """Prints the first triplets and the ratios of their unit; writes nothing."""
    with look.setup() as (setup, split, corpus):
        show_triplets(setup, split, corpus, show)


def audit_replacements(look: Look, count: int) -> list[Row]:
    """About as many replacements of each kind, drawn from all over the text; writes nothing."""
    with look.setup() as (setup, split, corpus):
        return draw_replacements(setup, split, corpus, count)


def _open_corpora(texts: Mapping[str, Sequence[str]], shard: tuple[int, int]) -> dict[str, Corpus]:
    """The splits to make in a shard, with text in each of them."""
    if sum(list(names).count(STDIN) for names in texts.values()) > 1:
        raise InputError("standard input (-) can be given only once")
    # Validation and test text belong to the first shard: fairseq reads them from there.
    given = [s for s in SPLITS if texts.get(s) and (shard[0] == 0 or s == "train")]
    if not given:
        raise InputError("no text: give --train, or --valid or --test in the first shard")
    corpora = {split: Corpus(texts[split]) for split in given}
    for corpus in corpora.values():
        corpus.beginning()
    return corpora
