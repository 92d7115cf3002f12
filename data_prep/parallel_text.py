"""Turn translated text into a data-bin for fairseq's translation tasks.

Example::

    python -m data_prep.parallel_text --source-lang en --target-lang de \\
        --train raw/train --valid raw/val --test raw/test_2016_flickr \\
        --vocab-size 8000 --joined-dictionary --destdir data-bin/multi30k

raw/train.en and raw/train.de are UTF-8 text; line k of one is the translation of line k of the
other. Both are cut into pieces by SentencePiece models trained on them: BPE, as in the ATCL paper,
with SentencePiece's own normalization (nmt_nfkc) and every character of the training text in the
vocabulary, as in fairseq's recipes. There is no byte fallback: a character that is new later is
<unk>.

The data-bin has the files of fairseq-preprocess on these pieces, and trains both directions.
--remove-bpe sentencepiece gives text again. Beside them:

    spm.model         shared (--joined-dictionary), or spm.en.model and spm.de.model
    raw/test.de ...   validation and test text before SentencePiece, runs of white space made one
                      space: the references for sacreBLEU
    antonyms.en.txt   when a language is "en" (data_prep.antonyms)

Training pairs with an empty side are left out and counted; other splits keep all lines.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairseq.data import Dictionary

from data_prep.english import wordnet
from data_prep.errors import InputError, ResourceError
from data_prep.fairseq_format.antonyms import write_antonyms
from data_prep.fairseq_format.binarize import Counts, binarize, build_dictionary
from data_prep.files.text_tables import aligned
from data_prep.files.whole import DESTDIR_HELP, check_new, new_folder
from data_prep.translation.parallel_files import Languages, copy_text, count_pairs, side
from data_prep.translation.pieces import SAMPLE, train_models, write_pieces

ENGLISH = "en"
_WORD_START = "▁"


@dataclass(frozen=True)
class Vocabulary:
    """What a dictionary holds, fairseq's special symbols and padding not counted."""

    pieces: int
    subwords: float
    """Share of the pieces that do not begin a word."""


@dataclass(frozen=True)
class Summary:
    """What a data-bin holds."""

    counts: dict[str, dict[str, Counts]]
    """Split -> language -> how much."""
    dropped: int
    """Training pairs left out because a side is empty."""
    vocabularies: dict[str, Vocabulary]
    """By language, or one for both named like "en+de"."""


def check_languages(languages: Languages, destdir: Path) -> None:
    """Look, before hours of work, whether a data-bin can be made at ``destdir``.

    Raises:
        InputError: it exists, or the languages are the same.
        ResourceError: one is English, and WordNet is not installed.
    """
    if languages[0] == languages[1]:
        raise InputError(f"--source-lang and --target-lang are both {languages[0]}; give two")
    if ENGLISH in languages:
        wordnet.open_wordnet()
    check_new(destdir)


def describe_dictionary(dictionary: Dictionary) -> Vocabulary:
    pieces = [
        symbol
        for symbol, count in zip(dictionary.symbols, dictionary.count, strict=True)
        if count and dictionary.index(symbol) >= dictionary.nspecial
    ]
    inner = sum(not piece.startswith(_WORD_START) for piece in pieces)
    return Vocabulary(len(pieces), inner / len(pieces))


def build_databin(
    languages: Languages,
    texts: Mapping[str, Path],
    destdir: Path,
    vocabulary: int,
    joined: bool,
    seed: int = 1,
) -> Summary:
    """Make a data-bin, all or nothing.

    Args:
        languages: source and target, the endings of the files.
        texts: split -> the files' path without the language; ``train`` gives the pieces.
        destdir: the folder to make; it must not exist, or be empty.
        vocabulary: pieces of the joined model, or of each.
        joined: one model and dictionary for both languages.
        seed: of the draw of SentencePiece's lines from texts of more than ``SAMPLE``.

    Raises:
        InputError: a text or an option is wrong, or ``destdir`` exists.
        ResourceError: a language is English, and WordNet is not installed.
    """
    check_languages(languages, destdir)
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
                print(write_antonyms(path))
    return Summary(counts, dropped, vocabularies)


def describe(summary: Summary) -> str:
    """What the data-bin holds, for the eye."""
    languages = list(summary.counts["train"])
    head = [cell for language in languages for cell in (f"{language} pieces", f"{language} <unk>")]
    rows = [["split", "pairs", *head]]
    for split, sides in summary.counts.items():
        row = [split, f"{sides[languages[0]].sentences:,}"]
        for count in sides.values():
            row += [f"{count.tokens:,}", f"{count.unknown / count.tokens:.3%}"]
        rows.append(row)
    lines = [aligned(rows)]
    if summary.dropped:
        lines.append(f"{summary.dropped:,} training pairs left out: a side is empty")
    lines += [
        f"vocabulary {name}: {found.pieces:,} pieces, {found.subwords:.2%} of them sub-words "
        "(do not begin a word)"
        for name, found in summary.vocabularies.items()
    ]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="parallel_text",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for which in ("source", "target"):
        parser.add_argument(
            f"--{which}-lang",
            required=True,
            metavar="LANG",
            help=f"{which} language, the ending of its files; en brings antonyms",
        )
    for split in ("train", "valid"):
        parser.add_argument(
            f"--{split}",
            type=Path,
            required=True,
            metavar="PREFIX",
            help="its two files without .LANG",
        )
    parser.add_argument(
        "--test",
        type=Path,
        nargs="+",
        default=[],
        metavar="PREFIX",
        help="test sets; they become test, test1, test2, ...",
    )
    parser.add_argument("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    parser.add_argument(
        "--vocab-size",
        type=int,
        default=10_000,
        metavar="N",
        help="pieces of the joined model, or of each (default: 10000, ATCL's for en-de). Pieces "
        "that the training text does not use once all merges are done are not in the dictionary",
    )
    parser.add_argument(
        "--joined-dictionary",
        action="store_true",
        help="one model and dictionary for both languages, which --share-all-embeddings needs",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help=f"of the draw of {SAMPLE:,} lines that SentencePiece learns from when there are more "
        "(default: 1)",
    )
    arguments = parser.parse_args(argv)
    texts = {"train": arguments.train, "valid": arguments.valid}
    texts |= {f"test{k or ''}": prefix for k, prefix in enumerate(arguments.test)}
    try:
        summary = build_databin(
            (arguments.source_lang, arguments.target_lang),
            texts,
            arguments.destdir,
            arguments.vocab_size,
            arguments.joined_dictionary,
            arguments.seed,
        )
    except (InputError, ResourceError, OSError) as error:
        parser.exit(1, f"parallel_text: error: {error}\n")
    print(describe(summary))


if __name__ == "__main__":
    main()
