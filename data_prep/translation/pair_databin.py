"""The data-bin of sentence pairs that fairseq's translation tasks read, and its contents."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairseq.data import Dictionary

from data_prep.english import wordnet
from data_prep.errors import InputError
from data_prep.fairseq_format.antonyms import write_antonyms
from data_prep.fairseq_format.binarize import Counts, binarize, build_dictionary
from data_prep.fairseq_format.dictionaries import WORD_START
from data_prep.files.manifests import write_manifest
from data_prep.files.text_tables import aligned
from data_prep.files.whole import check_new, new_folder
from data_prep.translation.parallel_files import Languages, copy_text, count_pairs, side
from data_prep.translation.pieces import train_models, write_pieces

ENGLISH = "en"
GENERATOR = 3  # raised by every change of this package that changes the files of a text


@dataclass(frozen=True)
class Vocabulary:
    """Contents of a dictionary, fairseq's special symbols and padding not counted."""

    pieces: int
    subwords: float
    """Share of the pieces that do not begin a word."""


@dataclass(frozen=True)
class Summary:
    """Contents of a data-bin."""

    counts: dict[str, dict[str, Counts]]
    """Split -> language -> sentences and pieces."""
    dropped: int
    """Training pairs left out because a side is empty."""
    vocabularies: dict[str, Vocabulary]
    """Language, or both like "en+de" -> its dictionary."""
    antonyms: str | None = None
    """Line that says how many English words have antonyms; None: no language is English."""


def check_ready(languages: Languages, destdir: Path) -> None:
    """Looks, before hours of work, whether a data-bin can be made at ``destdir``.

    Raises:
        InputError: there is something at ``destdir`` already, or the languages are the same.
        ResourceError: one is English, and WordNet is not installed.
    """
    if languages[0] == languages[1]:
        raise InputError(f"--source-lang and --target-lang are both {languages[0]}; give two")
    if ENGLISH in languages:
        wordnet.open_wordnet()
    check_new(destdir)


def describe_dictionary(dictionary: Dictionary) -> Vocabulary:
    """The number of pieces, and the share of those that do not begin a word."""
    pieces = [
        symbol
        for symbol, count in zip(dictionary.symbols, dictionary.count, strict=True)
        if count and dictionary.index(symbol) >= dictionary.nspecial
    ]
    inner = sum(not piece.startswith(WORD_START) for piece in pieces)
    return Vocabulary(len(pieces), inner / len(pieces))


def build_databin(
    languages: Languages,
    texts: Mapping[str, Path],
    destdir: Path,
    *,
    vocabulary: int,
    joined: bool,
    seed: int = 1,
) -> Summary:
    """Makes a data-bin, whole or not at all.

    Args:
        languages: source and target, the endings of the files.
        texts: split -> the files' path without the language; ``train`` gives the pieces.
        destdir: the folder to make; it must not exist, or be empty.
        vocabulary: pieces of the joined model, or of each.
        joined: one model and dictionary for both languages.
        seed: decides which lines SentencePiece learns from when there are very many.

    Raises:
        InputError: a text or an option is wrong, or there is something at ``destdir`` already.
        ResourceError: a language is English, and WordNet is not installed.
    """
    check_ready(languages, destdir)
    totals = {split: count_pairs(prefix, languages) for split, prefix in texts.items()}
    with new_folder(destdir) as folder, tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        pieces = Path(scratch)
        models = train_models(texts["train"], languages, vocabulary, joined, seed, folder)
        dropped = 0
        for split, prefix in texts.items():
            raw = [side(prefix, language) for language in languages]
            encoded = [side(pieces / split, language) for language in languages]
            dropped += write_pieces(raw, encoded, models, totals[split], split == "train")
            if split != "train":
                (folder / "raw").mkdir(exist_ok=True)
                for path, language in zip(raw, languages, strict=True):
                    copy_text(path, side(folder / "raw" / split, language))
        counts: dict[str, dict[str, Counts]] = {split: {} for split in texts}
        vocabularies = {}
        antonyms = None
        for language in languages:
            group = languages if joined else (language,)
            dictionary = build_dictionary([side(pieces / "train", member) for member in group])
            path = folder / f"dict.{language}.txt"
            dictionary.save(str(path))
            vocabularies["+".join(group)] = describe_dictionary(dictionary)
            for split in texts:
                binary = side(folder / f"{split}.{'-'.join(languages)}", language)
                counts[split][language] = binarize(
                    side(pieces / split, language), binary, dictionary
                )
            if language == ENGLISH:
                antonyms = write_antonyms(path)
        write_manifest(folder, "translation", GENERATOR)
    return Summary(counts, dropped, vocabularies, antonyms)


def describe(summary: Summary) -> str:
    """The contents of a data-bin, for the eye."""
    languages = list(summary.counts["train"])
    head = [cell for language in languages for cell in (f"{language} pieces", f"{language} <unk>")]
    rows = [["split", "pairs", *head]]
    for split, sides in summary.counts.items():
        row = [split, f"{sides[languages[0]].sentences:,}"]
        for count in sides.values():
            row += [f"{count.tokens:,}", f"{count.unknown / count.tokens:.3%}"]
        rows.append(row)
    lines = [summary.antonyms] if summary.antonyms else []
    lines.append(aligned(rows))
    if summary.dropped:
        lines.append(f"{summary.dropped:,} training pairs left out: a side is empty")
    lines += [
        f"vocabulary {name}: {found.pieces:,} pieces, {found.subwords:.2%} of them sub-words "
        "(do not begin a word)"
        for name, found in summary.vocabularies.items()
    ]
    return "\n".join(lines)
