"""IWSLT'17's language pairs (TED talks): their files, their data-bin, and the paper's figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.downloads import extract, fetch
from data_prep.files.published_data import downloads_beside
from data_prep.files.text_tables import aligned
from data_prep.translation.iwslt_formats import segments, tagged_lines, write_parquet
from data_prep.translation.pair_databin import Summary, build_databin, check_ready
from data_prep.translation.parallel_files import Languages, check_in_step, side

HUGGING_FACE = "https://huggingface.co/datasets/iwslt2017/resolve"
SOURCES = (
    f"{HUGGING_FACE}/ebd7c60d9800c2a1be010a227e5f0a2363730f7a/data/",
    "https://raw.githubusercontent.com/hlt-mt/WIT3/master/archive/",
    "https://wit3.fbk.eu/archive/",
)
SPLITS = ("train", "valid", "test")
VALID, TEST = [f"tst{year}" for year in range(2010, 2015)], ["tst2015"]
READERS = {"train": tagged_lines, "valid": segments, "test": segments}


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


def languages_of(pair: str) -> Languages:
    """Source and target of a pair like "en-de"."""
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
    """Writes the campaign's files as plain text to ``scratch``.

    Raises:
        InputError: a file is missing or damaged, or two are not in step.
    """
    counts: dict[str, list[tuple[Path, int]]] = {}  # language -> (file, lines) of each file
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
    """The files of a split, named like train-00000-of-00001.parquet or train/0000.parquet."""
    return sorted([*folder.glob(f"{split}*.parquet"), *folder.glob(f"{split}*/*.parquet")])


def read_copy(raw_dir: Path, pair: str, scratch: Path) -> Path:
    """The folder of plain text for the user's copy, in whichever format it is.

    Raises:
        InputError: it is in no known format, or not complete.
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


def build_pair(
    pair: str, *, raw_dir: Path | None, destdir: Path, vocabulary: int | None = None
) -> Summary:
    """Makes the data-bin of a language pair.

    Args:
        pair: one of ``PAIRS``.
        raw_dir: folder of the user's copy; None downloads the campaign's archive.
        destdir: the folder to make; it must not exist, or be empty.
        vocabulary: pieces of the joined model, or of each; None takes the paper's number.

    Raises:
        InputError: the user's copy is wrong, or there is something at ``destdir`` already.
        ResourceError: WordNet is not installed.
        DownloadError: the archive cannot be fetched.
    """
    languages = languages_of(pair)
    check_ready(languages, destdir)
    with downloads_beside(destdir) as scratch:
        return build_databin(
            languages,
            texts(pair, raw_dir, scratch),
            destdir,
            vocabulary=PAIRS[pair].vocabulary if vocabulary is None else vocabulary,
            joined=PAIRS[pair].joined,
        )


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
