"""Turn tokenized text into a data-bin for fairseq's language modeling tasks.

Example::

    python -m data_prep.lm_text --train train.txt --valid valid.txt --test test.txt \\
        --vocab-size 10000 --destdir data-bin/brown

The text is UTF-8, a sentence a line, tokens separated by white space. The result has the ids of
``fairseq-preprocess --only-source``: each line ends with ``</s>``, an empty line (WikiText has many)
is a lone ``</s>``, a literal ``<unk>`` is fairseq's unknown symbol, and the dictionary is padded to
a multiple of 8 with words that never occur. Beside the dictionary stands ``antonyms.txt``
(``data_prep.antonyms``).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from data_prep.english import wordnet
from data_prep.errors import DownloadError, InputError, ResourceError
from data_prep.fairseq_format.antonyms import write_antonyms
from data_prep.fairseq_format.binarize import Counts, binarize, build_dictionary
from data_prep.files.text_tables import aligned
from data_prep.files.whole import DESTDIR_HELP, check_new, new_folder

SPLITS = ("train", "valid", "test")


def check_ready(destdir: Path) -> None:
    """Look, before hours of work, whether a data-bin can be made at ``destdir``.

    Raises:
        InputError: it exists.
        ResourceError: WordNet is not installed.
    """
    wordnet.open_wordnet()
    check_new(destdir)


def build_databin(
    texts: Mapping[str, Path],
    destdir: Path,
    max_words: int | None = None,
    min_count: int = 1,
) -> dict[str, Counts]:
    """Make a data-bin, all or nothing.

    Args:
        texts: split -> tokenized text; ``train`` gives the dictionary.
        destdir: the folder to make; it must not exist, or be empty.
        max_words: keep the most frequent words only; None keeps all.
        min_count: leave out rarer words.

    Returns:
        How much each split holds.

    Raises:
        InputError: a text or an option is wrong, or ``destdir`` exists.
        ResourceError: WordNet is not installed.
    """
    if max_words is not None and max_words < 1:
        raise InputError("--vocab-size must be at least 1")
    if min_count < 1:
        raise InputError("--min-count must be at least 1")
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
        print(write_antonyms(folder / "dict.txt"))
    print(f"{destdir}: {len(dictionary):,} symbols in the dictionary")
    return counts


def table(counts: Mapping[str, Counts], paper: Mapping[str, str] | None = None) -> str:
    """What the splits hold, a line each; beside it the tokens that a paper counts, if given."""
    rows = [["split", "sentences", "tokens", "<unk>", *(["paper's tokens"] if paper else [])]]
    for split, count in counts.items():
        numbers = [f"{count.sentences:,}", f"{count.tokens:,}"]
        share = f"{count.unknown / count.tokens:.2%}"
        rows.append([split, *numbers, share, *([paper[split]] if paper else [])])
    return aligned(rows)


def published_command(
    prog: str,
    description: str,
    obtain: Callable[[Path | None, Path], list[Path]],
    paper: Mapping[str, str],
    argv: Sequence[str] | None,
) -> None:
    """The command line of a published data set.

    Args:
        obtain: gives the text of each of ``SPLITS``, from the user's folder (None: downloads it
            into the second argument).
        paper: split -> tokens that the paper counts, to compare with.
    """
    parser = argparse.ArgumentParser(
        prog=prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    parser.add_argument(
        "--raw-dir", type=Path, help="folder with your own copy (default: download it)"
    )
    arguments = parser.parse_args(argv)
    destdir = arguments.destdir
    try:
        check_ready(destdir)
        destdir.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=destdir.parent, prefix=".downloads-") as scratch:
            texts = obtain(arguments.raw_dir, Path(scratch))
            counts = build_databin(dict(zip(SPLITS, texts, strict=True)), destdir)
    except (InputError, ResourceError, DownloadError, OSError) as error:
        parser.exit(1, f"{prog}: error: {error}\n")
    print(table(counts, paper))


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="lm_text", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--train", type=Path, required=True, metavar="FILE")
    for split in SPLITS[1:]:
        parser.add_argument(f"--{split}", type=Path, metavar="FILE")
    parser.add_argument("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    parser.add_argument(
        "--vocab-size",
        type=int,
        metavar="N",
        help="keep the N most frequent words of the training text, the rest become <unk> "
        "(default: all)",
    )
    parser.add_argument(
        "--min-count",
        type=int,
        default=1,
        metavar="N",
        help="words that occur less often in the training text become <unk> (default: 1)",
    )
    arguments = parser.parse_args(argv)
    texts = {split: path for split in SPLITS if (path := getattr(arguments, split))}
    try:
        counts = build_databin(texts, arguments.destdir, arguments.vocab_size, arguments.min_count)
    except (InputError, ResourceError, OSError) as error:
        parser.exit(1, f"lm_text: error: {error}\n")
    print(table(counts))


if __name__ == "__main__":
    main()
