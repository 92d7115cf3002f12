"""Generation of one split: from units of text, through worker processes, into the data-bin."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from data_prep import report
from data_prep.corpus import Corpus, Unit, total_bytes
from data_prep.databin import DatabinWriter
from data_prep.lexicon import Lexicon, RandomWords
from data_prep.subwords import GPT2Encoder, SentencePieceEncoder, SubwordEncoder
from data_prep.survey import survey
from data_prep.taggers import LexiconTagger, SpacyTagger, load_tagger_model
from data_prep.triplets import Blocks, TripletMaker, TripletOptions
from data_prep.workers import Workers


@dataclass(frozen=True)
class Setup:
    """All that a worker process needs to build its own TripletMaker."""

    tagger: str
    tokenizer: tuple[str, ...]
    lexicon: Path
    options: TripletOptions


@lru_cache(maxsize=1)
def load_encoder(tokenizer: tuple[str, ...]) -> SubwordEncoder:
    """From (model, dictionary) or (encoder.json, vocab.bpe, dictionary)."""
    if len(tokenizer) == 2:
        return SentencePieceEncoder(*tokenizer)
    return GPT2Encoder(*tokenizer)


@lru_cache(maxsize=1)
def build_maker(setup: Setup) -> TripletMaker:
    """The maker of this process; workers forked from a process that has it share it."""
    lexicon = Lexicon.load(setup.lexicon)
    nlp = load_tagger_model()
    tagger = SpacyTagger(nlp) if setup.tagger == "spacy" else LexiconTagger(nlp, lexicon)
    return TripletMaker(tagger, load_encoder(setup.tokenizer), RandomWords(lexicon), setup.options)


def make_blocks(setup: Setup, split: str, unit: Unit) -> Blocks:
    return build_maker(setup)(split, unit)


def learn_lexicon(corpus: Corpus, words: int, path: Path) -> dict[str, float]:
    """Write the corpus lexicon; say and return how far looking tags up agrees with spaCy."""
    lexicon, agreement = survey(load_tagger_model(), corpus, words)
    lexicon.save(path)
    print(
        f"lexicon against spaCy on {agreement.tokens:,} held-out tokens: "
        f"{agreement.fine:.1%} the same tag, {agreement.content:.1%} the same replacement class"
    )
    return asdict(agreement)


def write_split(
    writer: DatabinWriter,
    setup: Setup,
    split: str,
    corpus: Corpus,
    shard: tuple[int, int],
    workers: Workers,
) -> None:
    """Make and write the blocks of one split, from the first unit that is not there yet."""
    number, shards = shard
    begin = writer.begin(split)
    mine = (u for u in corpus if u.index >= begin and u.index % shards == number)
    words, clock = 0, time.monotonic()
    with tqdm(total=total_bytes(corpus.files), unit="B", unit_scale=True, desc=split) as bar:
        for unit, blocks in workers.map(partial(make_blocks, setup, split), mine):
            writer.append(split, unit.index + 1, blocks)
            words += blocks.stats["words_read"]
            bar.set_postfix_str(f"{words / (time.monotonic() - clock):,.0f} words/s", refresh=False)
            bar.update(unit.consumed - bar.n)
    writer.end(split)
    print(report.describe(split, writer.stats(split)))


def show_triplets(setup: Setup, split: str, corpus: Corpus, count: int) -> None:
    """Print triplets of the first unit, and the ratios of all of it."""
    stats: Counter[str] = Counter()
    maker = build_maker(setup)
    blocks = list(maker.blocks(split, corpus.beginning()[0], stats))
    for block in islice(blocks, count):
        print(report.show(maker.versions(block)) + "\n")
    print("first unit of " + report.describe(split, stats))
