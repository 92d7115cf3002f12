"""Data-bins of text, in one language and in two, that a model can learn from."""

import hashlib
from pathlib import Path

import numpy as np
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder

# Pairs of opposites: an adjective names the noun after it, and its antonym another.
ADJECTIVES = ("old young", "big small", "hot cold", "good bad", "rich poor", "fast slow")
NOUNS = [
    "tree",
    "lake",
    "city",
    "stone",
    "river",
    "house",
    "table",
    "school",
    "paper",
    "music",
    "field",
    "story",
]
VERBS = ["falls", "grows", "burns", "moves", "waits", "sleeps"]


def write_language_databin(folder: Path, splits: dict[str, int], seed: int = 1) -> Path:
    """Writes a data-bin of `splits` (name -> number of sentences), and antonyms.txt.

    A sentence is "a ADJECTIVE NOUN VERB 7 ." or the like: three of its seven tokens are words.
    """
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    pairs = [pair.split() for pair in ADJECTIVES]
    adjectives = [word for pair in pairs for word in pair]
    dictionary = Dictionary()
    for word in [*adjectives, *NOUNS, *VERBS, "a", "7", "."]:
        dictionary.add_symbol(word, n=1)
    dictionary.save(str(folder / "dict.txt"))
    for split, sentences in splits.items():
        builder = MMapIndexedDatasetBuilder(str(folder / f"{split}.bin"), dtype=np.uint16)
        for _ in range(sentences):
            number = int(rng.integers(len(adjectives)))
            verb = VERBS[int(rng.integers(2)) + number % 5]
            words = ["a", adjectives[number], NOUNS[number], verb]
            words += ["7", "."] if rng.random() < 0.5 else ["."]
            builder.add_item(dictionary.encode_line(" ".join(words), add_if_not_exist=False))
        builder.finalize(str(folder / f"{split}.idx"))
    write_antonyms(folder, {word: [other] for a, b in pairs for word, other in ((a, b), (b, a))})
    return folder


def write_antonyms(folder: Path, antonyms: dict[str, list[str]]) -> None:
    """Writes antonyms.txt as the preparation does, for the dict.txt in `folder`."""
    dictionary = Dictionary.load(str(folder / "dict.txt"))
    digest = hashlib.sha256((folder / "dict.txt").read_bytes()).hexdigest()
    lines = [f"# dict.txt sha256 {digest}"]
    for word, others in antonyms.items():
        indices = [str(dictionary.index(other)) for other in others]
        lines.append(f"{dictionary.index(word)}\t{' '.join(indices)}")
    (folder / "antonyms.txt").write_text("\n".join(lines) + "\n")


LANGUAGES = ("xx", "yy")


def write_translation_databin(folder: Path, splits: dict[str, list[tuple[str, str]]]) -> Path:
    """Writes a data-bin xx-yy of `splits` (name -> pairs of texts in symbols)."""
    folder.mkdir(parents=True)
    for side, language in enumerate(LANGUAGES):
        texts = {split: [pair[side] for pair in pairs] for split, pairs in splits.items()}
        dictionary = Dictionary()
        for symbol in sorted(
            {symbol for lines in texts.values() for symbol in " ".join(lines).split()}
        ):
            dictionary.add_symbol(symbol)
        dictionary.save(str(folder / f"dict.{language}.txt"))
        for split, lines in texts.items():
            path = folder / f"{split}.{'-'.join(LANGUAGES)}.{language}"
            builder = MMapIndexedDatasetBuilder(f"{path}.bin", dtype=np.uint16)
            for line in lines:
                builder.add_item(dictionary.encode_line(line, add_if_not_exist=False))
            builder.finalize(f"{path}.idx")
    return folder
