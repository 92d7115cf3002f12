"""IWSLT'17 English-German or English-French (TED talks) as a fairseq data-bin.

Example::

    python -m data_prep.iwslt17 --pair en-de --destdir data-bin/iwslt17.en-de

It downloads the campaign's archive (17 MB for en-de, 28 MB for en-fr), or takes your own copy:

    campaign   train.tags.en-de.en, IWSLT17.TED.tst2010.en-de.en.xml, ..., the unpacked archive
    plain      train.en, train.de, valid.en, ..., a sentence a line
    parquet    train*.parquet, valid*.parquet, test*.parquet or folders of such names, a column
               "translation" with en and de (needs pyarrow)

Plain and parquet files are taken for the splits that they are named after.

One data-bin trains both directions. Vocabularies are those of the ATCL paper (Table 5): 10k pieces
shared by en and de, 28k for each of en and fr.

Of the campaign's sets tst2010 to tst2014 are the validation set, the union nearest to the paper's
~7k (en-de: 6,999), and tst2015 is the test set, as the paper says "IWSLT15" (en-de: 1,080).
dev2010 is left out. The paper's other numbers cannot be had from this campaign: it trains on 206,112
en-de and 232,825 en-fr sentences, and all its en-de sets have 8,967 together, not 13k.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from data_prep.errors import DownloadError, InputError, ResourceError
from data_prep.files.downloads import extract, fetch
from data_prep.files.text_tables import aligned
from data_prep.files.whole import DESTDIR_HELP
from data_prep.parallel_text import Summary, build_databin, check_languages, describe
from data_prep.translation.iwslt_formats import segments, tagged_lines, write_parquet
from data_prep.translation.parallel_files import Languages, check_in_step, side

HUGGING_FACE = "https://huggingface.co/datasets/iwslt2017/resolve"
SOURCES = (
    f"{HUGGING_FACE}/ebd7c60d9800c2a1be010a227e5f0a2363730f7a/data/",
    "https://raw.githubusercontent.com/hlt-mt/WIT3/master/archive/",
    "https://wit3.fbk.eu/archive/",
)
SPLITS = ("train", "valid", "test")
VALID, TEST = [f"tst{year}" for year in range(2010, 2015)], ["tst2015"]


@dataclass(frozen=True)
class Pair:
    """A language pair: its archive, and its row of the paper's Table 5."""

    sha256: str
    vocabulary: int
    joined: bool
    paper: tuple[str, ...]
    """Training, validation and test sentences, vocabulary, share of sub-words."""


PAIRS = {
    "en-de": Pair(
        "623caec69988b224dbe741f16ad90411b93430117a8021c4bb2bcab7ad1eb21e",
        10_000,
        True,
        ("~160k", "~7k", "~6k", "10k (shared)", "36.63%"),
    ),
    "en-fr": Pair(
        "1f5bd8cd242de15fb58a04af265adb8e604a7e1b805a42cb0de7dfd15447c5c6",
        28_000,
        False,
        ("~200k", "~7k", "~6k", "28k (not shared)", "24.34%"),
    ),
}

READERS = {"train": tagged_lines, "valid": segments, "test": segments}


def languages_of(pair: str) -> Languages:
    source, target = pair.split("-")
    return source, target


def campaign_names(pair: str, language: str) -> dict[str, list[str]]:
    """Split -> the names of its files of a language."""
    return {
        "train": [f"train.tags.{pair}.{language}"],
        "valid": [f"IWSLT17.TED.{name}.{pair}.{language}.xml" for name in VALID],
        "test": [f"IWSLT17.TED.{name}.{pair}.{language}.xml" for name in TEST],
    }


def read_campaign(folder: Path, pair: str, scratch: Path) -> None:
    """Write the campaign's files as plain text to ``scratch``.

    Raises:
        InputError: a file is missing or damaged, or two are not in step.
    """
    counts: dict[str, list[tuple[Path, int]]] = {}  # of each language, file by file
    for language in languages_of(pair):
        counts[language] = []
        for split, names in campaign_names(pair, language).items():
            with side(scratch / split, language).open("w", encoding="utf-8") as out:
                for path in (folder / name for name in names):
                    if not path.is_file():
                        raise InputError(f"{path}: no such file; give the whole archive's folder")
                    lines = 0
                    for line in READERS[split](path):
                        out.write(line + "\n")
                        lines += 1
                    counts[language].append((path, lines))
    for files in zip(*counts.values(), strict=True):
        check_in_step(dict(files))


def parquet_files(folder: Path, split: str) -> list[Path]:
    """train-00000-of-00001.parquet, or train/0000.parquet."""
    return sorted([*folder.glob(f"{split}*.parquet"), *folder.glob(f"{split}*/*.parquet")])


def read_copy(raw_dir: Path, pair: str, scratch: Path) -> Path:
    """The folder of plain text for the user's copy, in whichever format it is.

    Raises:
        InputError: it is in none, or not complete.
    """
    source, target = languages_of(pair)
    for folder in (raw_dir, raw_dir / pair):
        if (folder / f"train.tags.{pair}.{source}").is_file():
            read_campaign(folder, pair, scratch)
            return scratch
        if (folder / f"train.{source}").is_file():
            return folder
        if parquet_files(folder, "train"):
            for split in SPLITS:
                paths = parquet_files(folder, split)
                if not paths:
                    raise InputError(f"{folder}: no {split}*.parquet in it; add the file")
                write_parquet(paths, (source, target), scratch / split)
            return scratch
    raise InputError(
        f"--raw-dir {raw_dir}: neither it nor its sub-folder {pair} holds "
        f"train.tags.{pair}.{source}, train.{source} or train*.parquet; "
        "name the folder with these files"
    )


def texts(pair: str, raw_dir: Path | None, scratch: Path) -> dict[str, Path]:
    """Split -> plain text without the language: the user's, or downloaded into ``scratch``."""
    if raw_dir is None:
        source, target = languages_of(pair)
        archive = scratch / f"{pair}.tgz"
        path = f"2017-01-trnted/texts/{source}/{target}/{pair}.tgz"
        fetch([place + path for place in SOURCES], PAIRS[pair].sha256, archive)
        names = [campaign_names(pair, language).values() for language in (source, target)]
        extract(archive, [f"{pair}/{name}" for name in chain(*chain(*names))], scratch)
        raw_dir = scratch
    folder = read_copy(raw_dir, pair, scratch)
    return {split: folder / split for split in SPLITS}


def compare(summary: Summary, paper: Sequence[str]) -> str:
    """Table 5's figures beside those of the data-bin."""
    source = next(iter(summary.counts["train"]))
    sizes = [f"{summary.counts[split][source].sentences:,}" for split in SPLITS]
    found = summary.vocabularies
    vocabulary = " + ".join(f"{v.pieces:,}" for v in found.values())
    shares = " + ".join(f"{v.subwords:.2%}" for v in found.values())
    shared = "shared" if len(found) == 1 else "not shared"
    return aligned(
        [
            ["", *SPLITS, "vocabulary", "sub-words"],
            ["here", *sizes, f"{vocabulary} ({shared})", shares],
            ["Table 5", *paper],
        ]
    )


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="iwslt17", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pair", choices=PAIRS, required=True)
    parser.add_argument("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    parser.add_argument(
        "--raw-dir", type=Path, help="folder with your own copy (default: download it)"
    )
    parser.add_argument(
        "--vocab-size",
        type=int,
        metavar="N",
        help="pieces of the joined model, or of each (default: the paper's)",
    )
    arguments = parser.parse_args(argv)
    destdir, pair = arguments.destdir, PAIRS[arguments.pair]
    languages = languages_of(arguments.pair)
    vocabulary = pair.vocabulary if arguments.vocab_size is None else arguments.vocab_size
    try:
        check_languages(languages, destdir)
        destdir.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=destdir.parent, prefix=".downloads-") as scratch:
            found = texts(arguments.pair, arguments.raw_dir, Path(scratch))
            summary = build_databin(languages, found, destdir, vocabulary, pair.joined)
    except (InputError, ResourceError, DownloadError, OSError) as error:
        parser.exit(1, f"iwslt17: error: {error}\n")
    print(describe(summary))
    print(compare(summary, pair.paper))


if __name__ == "__main__":
    main()
