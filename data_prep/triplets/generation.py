"""Generation of one split: from units of text, through worker processes, into the data-bin."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path

from data_prep.english.expressions import Link, places_in_expressions
from data_prep.english.lexicon import Lexicon
from data_prep.english.negation import Negation, load_parser_model
from data_prep.english.random_words import RandomWords
from data_prep.english.substitutes import find_substitutes
from data_prep.english.taggers import LexiconTagger, SpacyTagger, load_tagger_model
from data_prep.errors import InputError
from data_prep.files.name_lists import listed
from data_prep.files.progress import Bar
from data_prep.files.text_units import Corpus, Unit, total_bytes
from data_prep.files.workers import Workers
from data_prep.tokenizers.subwords import SubwordEncoder, load_encoder
from data_prep.triplets import summary as report
from data_prep.triplets.databin_writer import DatabinWriter
from data_prep.triplets.survey import survey
from data_prep.triplets.triplet_maker import Blocks, TripletMaker, TripletOptions


@dataclass(frozen=True)
class Setup:
    """The settings that a worker process needs to build its own TripletMaker."""

    tagger: str
    tokenizer: Path
    lexicon: Path
    options: TripletOptions


@lru_cache(maxsize=1)
def build_maker(setup: Setup) -> TripletMaker:
    """The maker of this process; workers forked from a process that has it share it."""
    lexicon = Lexicon.load(setup.lexicon)
    nlp = load_tagger_model()
    find_substitutes("dogs", "NNS")  # WordNet and the inflections load at their first use
    places_in_expressions([Link("", ("of",), ""), Link("", ("course",), "")])
    tagger = SpacyTagger(nlp) if setup.tagger == "spacy" else LexiconTagger(nlp, lexicon)
    encoder = shared_encoder(setup.tokenizer)
    words = RandomWords(lexicon, setup.options.avoid)
    negation = Negation(load_parser_model()) if setup.options.negations else None
    return TripletMaker(tagger, encoder, words, setup.options, negation)


@lru_cache(maxsize=1)
def shared_encoder(tokenizer: Path) -> SubwordEncoder:
    """The encoder of a tokenizer folder, loaded once in this process and those forked from it."""
    return load_encoder(tokenizer)


def make_blocks(setup: Setup, split: str, unit: Unit) -> Blocks:
    """The blocks of a unit, by the maker of this process."""
    return build_maker(setup)(split, unit)


def learn_lexicon(corpus: Corpus, words: int, path: Path) -> dict[str, float]:
    """Writes the corpus lexicon; prints and returns how far its tags agree with spaCy's."""
    lexicon, agreement = survey(load_tagger_model(), corpus, words)
    lexicon.save(path)
    print(
        f"lexicon against spaCy on {agreement.tokens:,} held-out tokens: "
        f"{agreement.fine:.1%} the same tag, {agreement.content:.1%} the same replacement class"
    )
    return asdict(agreement)


def remaining_units(
    corpus: Corpus, begin: int, digest: str, shard: tuple[int, int]
) -> Iterator[Unit]:
    """The units of a shard from number ``begin`` on.

    Raises:
        InputError: the text before them is not that of the run which is being resumed.
    """
    number, shards = shard
    known = begin == 0
    for unit in corpus:
        known = known or (unit.index == begin - 1 and unit.digest == digest)
        if unit.index >= begin:
            if not known:
                break
            if unit.index % shards == number:
                yield unit
    if not known:
        raise InputError(
            f"{listed(corpus.files, are_paths=True)}: not the text that the unfinished run began "
            "with; give that text, or remove the .partial folder to begin again"
        )


def write_split(
    writer: DatabinWriter,
    setup: Setup,
    split: str,
    corpus: Corpus,
    shard: tuple[int, int],
    workers: Workers,
) -> None:
    """Makes and writes the blocks of one split, from the first unit that is not there yet."""
    units = remaining_units(corpus, *writer.begin(split), shard)
    words, clock = 0, time.monotonic()
    with Bar(total=total_bytes(corpus.files), unit="B", unit_scale=True, desc=split) as bar:
        for unit, blocks in workers.map(partial(make_blocks, setup, split), units):
            writer.append(split, unit, blocks)
            words += blocks.stats["words_read"]
            bar.set_postfix_str(f"{words / (time.monotonic() - clock):,.0f} words/s", refresh=False)
            bar.update(unit.consumed - bar.n)
    writer.end(split)
    print(report.describe(split, writer.stats(split)))


def show_triplets(setup: Setup, split: str, corpus: Corpus, count: int) -> None:
    """Prints triplets of the first unit (128 KB of text), and the ratios of the whole unit."""
    stats: Counter[str] = Counter()
    maker = build_maker(setup)
    blocks = list(maker.blocks(split, corpus.beginning()[0], stats))
    for block in islice(blocks, count):
        print(report.show(maker.versions(block)) + "\n")
    print("first unit of " + report.describe(split, stats))
