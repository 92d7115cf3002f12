"""The data-bin of tokenized text that fairseq's language modeling tasks read, and its contents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data_prep.english import wordnet
from data_prep.errors import InputError
from data_prep.fairseq_format.antonyms import write_antonyms
from data_prep.fairseq_format.binarize import Counts, binarize, build_dictionary
from data_prep.files.manifests import write_manifest
from data_prep.files.text_tables import aligned
from data_prep.files.whole import check_new, new_folder

SPLITS = ("train", "valid", "test")
GENERATOR = 3  # raised by every change of this package that changes the files of a text


@dataclass(frozen=True)
class Summary:
    """Contents of a data-bin."""

    destdir: Path
    counts: dict[str, Counts]
    """Split -> sentences and tokens."""
    vocabulary: int
    """Symbols of the dictionary, special ones and padding included."""
    antonyms: str
    """Line that says how many words have antonyms, with examples."""


def check_ready(destdir: Path) -> None:
    """Looks, before hours of work, whether a data-bin can be made at ``destdir``.

    Raises:
        InputError: there is something at ``destdir`` already.
        ResourceError: WordNet is not installed.
    """
    wordnet.open_wordnet()
    check_new(destdir)


def build_databin(
    texts: Mapping[str, Path],
    destdir: Path,
    *,
    max_words: int | None = None,
    min_count: int = 1,
) -> Summary:
    """Makes a data-bin, whole or not at all.

    Args:
        texts: split -> tokenized text; ``train`` gives the dictionary.
        destdir: the folder to make; it must not exist, or be empty.
        max_words: keep the most frequent words only; None keeps every word.
        min_count: leave out rarer words.

    Raises:
        InputError: a text or an option is wrong, or there is something at ``destdir`` already.
        ResourceError: WordNet is not installed.
    """
    if max_words is not None and max_words < 1:
        raise InputError(f"--vocab-size {max_words}: must be at least 1")
    if min_count < 1:
        raise InputError(f"--min-count {min_count}: must be at least 1")
    check_ready(destdir)
    for text in texts.values():
        if not text.is_file():
            raise InputError(f"{text}: no such file; check the path")
    with new_folder(destdir) as folder:
        dictionary = build_dictionary([texts["train"]], max_words, min_count)
        dictionary.save(str(folder / "dict.txt"))
        counts = {
            split: binarize(text, folder / split, dictionary) for split, text in texts.items()
        }
        antonyms = write_antonyms(folder / "dict.txt")
        write_manifest(folder, "language-modeling", GENERATOR)
    return Summary(destdir, counts, len(dictionary), antonyms)


def describe(summary: Summary, paper_tokens: Mapping[str, str] | None = None) -> str:
    """The antonyms, the size of the dictionary and a table of the splits, for the eye.

    Args:
        paper_tokens: split -> tokens that a paper counts, to compare with.
    """
    paper = paper_tokens or {}
    rows = [["split", "sentences", "tokens", "<unk>", *(["paper's tokens"] if paper else [])]]
    for split, count in summary.counts.items():
        numbers = [f"{count.sentences:,}", f"{count.tokens:,}"]
        share = f"{count.unknown / count.tokens:.2%}"
        rows.append([split, *numbers, share, *([paper[split]] if paper else [])])
    return "\n".join(
        [
            summary.antonyms,
            f"{summary.destdir}: {summary.vocabulary:,} symbols in the dictionary",
            aligned(rows),
        ]
    )
