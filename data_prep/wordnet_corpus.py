"""WordNet's definitions and example sentences as a plain text corpus of about 1.5 million words.

One definition or example a line, a blank line after each synset. A synset is in one split only.
"""

import argparse
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from data_prep.errors import ResourceError
from data_prep.resources import wordnet_path

SPLITS = ("train", "valid", "test")
PARTS_OF_SPEECH = ("noun", "verb", "adj", "adv")

# A quotation that follows a separator is the first example; any other belongs to the definition.
_EXAMPLE_START = re.compile(r'[;:,]\s*"')
# What leads up to an example and says nothing without it.
_LEAD_IN = re.compile(r"[\s;:,]*(\b(as in|e\.g\.)[\s,]*)*$")


def read_synsets(folder: Path) -> Iterator[tuple[str, str]]:
    """Every synset as (id, gloss), in WordNet's order; an id is ``00001740-noun``."""
    for pos in PARTS_OF_SPEECH:
        with open(folder / f"data.{pos}", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith(" "):  # the license
                    record, _, gloss = line.partition(" | ")
                    yield f"{record[:8]}-{pos}", gloss.strip()


def split_gloss(gloss: str) -> list[str]:
    """The definition, then the example sentences, of a gloss such as ``a; b; "c d"; "e f"``.

    Remarks and sources after an example (``"c d"- Jane Austen``) are left out. About 20 glosses
    lack a quotation mark; there, all that follows the definition counts as examples.
    """
    definition, quoted = gloss, ""
    for start in _EXAMPLE_START.finditer(gloss):
        before = gloss[: start.start()]
        if before.count("(") <= before.count(")"):
            definition, quoted = before, gloss[start.end() :]
            break
    if definition.count('"') % 2:
        definition = definition.replace('"', "")
    # `quoted` begins inside the quotation marks, so the even pieces are the examples.
    pieces = quoted.split('"')
    closed = len(pieces) % 2 == 0
    examples = [piece.strip(" ;,:") for piece in (pieces[::2] if closed else pieces)]
    texts = [_LEAD_IN.sub("", definition), *(text for text in examples if text[:1] != "-")]
    return [" ".join(text.split()) for text in texts if text]


def choose_split(synset: str, valid_share: float, test_share: float, seed: int) -> str:
    """The split of a synset: a function of its id and the seed alone."""
    digest = hashlib.sha256(f"{seed} {synset}".encode()).digest()
    point = int.from_bytes(digest[:8], "big") / 2**64
    if point < valid_share:
        return "valid"
    return "test" if point < valid_share + test_share else "train"


def write_corpus(
    folder: Path, out: Path, valid_share: float, test_share: float, seed: int
) -> dict[str, dict[str, int]]:
    """Write ``{train,valid,test}.txt`` into ``out``; return how much is in each.

    The files appear together at the end: a run that stops halfway leaves no part of one.
    """
    counts = {split: {"synsets": 0, "lines": 0, "words": 0} for split in SPLITS}
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".unfinished-") as scratch:
        with ExitStack() as stack:
            files = {
                split: stack.enter_context(open(Path(scratch) / split, "w", encoding="utf-8"))
                for split in SPLITS
            }
            for synset, gloss in read_synsets(folder):
                split = choose_split(synset, valid_share, test_share, seed)
                texts = split_gloss(gloss)
                files[split].write("\n".join(texts) + "\n\n")
                counts[split]["synsets"] += 1
                counts[split]["lines"] += len(texts)
                counts[split]["words"] += sum(len(text.split()) for text in texts)
        for split in SPLITS:
            os.replace(Path(scratch) / split, out / f"{split}.txt")
    return counts


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m data_prep.wordnet_corpus", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the three text files")
    for split in SPLITS[1:]:
        parser.add_argument(
            f"--{split}-share",
            type=float,
            default=0.02,
            help=f"share of the synsets in {split}.txt, 0 to 1 (default: %(default)s)",
        )
    parser.add_argument("--seed", type=int, default=1, help="of the split (default: %(default)s)")
    arguments = parser.parse_args(argv)
    shares = arguments.valid_share, arguments.test_share
    try:
        if not (min(shares) >= 0 and sum(shares) < 1):
            raise ValueError("--valid-share and --test-share must be >= 0 and together below 1")
        counts = write_corpus(Path(wordnet_path()), arguments.out, *shares, arguments.seed)
    except OSError as error:
        sys.exit(
            f"wordnet_corpus: error: --out {arguments.out}: {error.strerror}; "
            "name a folder that can be written to"
        )
    except (ResourceError, ValueError) as error:
        sys.exit(f"wordnet_corpus: error: {error}")
    for split, count in counts.items():
        sizes = ", ".join(f"{number:,} {unit}" for unit, number in count.items())
        print(f"{arguments.out / split}.txt: {sizes}")


if __name__ == "__main__":
    main()
