"""WordNet's definitions and example sentences as plain text, split at random."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from pathlib import Path

from data_prep.english.glosses import read_synsets, split_gloss
from data_prep.english.installed import wordnet_path
from data_prep.errors import InputError
from data_prep.files.whole import check_new, new_folder

SPLITS = ("train", "valid", "test")


def choose_split(synset: str, valid_share: float, test_share: float, seed: int) -> str:
    """The split of a synset: a function of its id and the seed alone."""
    digest = hashlib.sha256(f"{seed} {synset}".encode()).digest()
    point = int.from_bytes(digest[:8], "big") / 2**64
    if point < valid_share:
        return "valid"
    return "test" if point < valid_share + test_share else "train"


def write_corpus(
    out: Path, *, valid_share: float, test_share: float, seed: int
) -> dict[str, dict[str, int]]:
    """Writes ``{train,valid,test}.txt``; returns how much is in each.

    One definition or example a line, a blank line after each synset.

    Args:
        out: the folder to make; it must not exist, or be empty.
        valid_share: share of the synsets in ``valid.txt``.
        test_share: share of the synsets in ``test.txt``.
        seed: of the split.

    Raises:
        InputError: the shares leave nothing for training, or ``out`` exists.
        ResourceError: WordNet is not installed.
    """
    if not (min(valid_share, test_share) >= 0 and valid_share + test_share < 1):
        raise InputError("--valid-share and --test-share must be >= 0 and together below 1")
    check_new(out)
    wordnet = Path(wordnet_path())
    counts = {split: {"synsets": 0, "lines": 0, "words": 0} for split in SPLITS}
    with new_folder(out) as folder, ExitStack() as stack:
        files = {
            split: stack.enter_context((folder / f"{split}.txt").open("w", encoding="utf-8"))
            for split in SPLITS
        }
        for synset in read_synsets(wordnet):
            split = choose_split(synset.id, valid_share, test_share, seed)
            texts = split_gloss(synset.gloss)
            files[split].write("\n".join(texts) + "\n\n")
            counts[split]["synsets"] += 1
            counts[split]["lines"] += len(texts)
            counts[split]["words"] += sum(len(text.split()) for text in texts)
    return counts
