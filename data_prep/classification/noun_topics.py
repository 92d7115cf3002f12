"""WordNet's nouns in 25 topics: a definition is a text, the noun's file of WordNet its label."""

from __future__ import annotations

import random
from pathlib import Path

from data_prep.classification.examples import Example, write_examples
from data_prep.english.glosses import noun_definitions
from data_prep.errors import InputError
from data_prep.files.whole import check_new, new_folder

_MOST_GENERAL = "Tops"  # the 51 nouns above those of every other file


def topic_examples() -> list[Example]:
    """The definitions of nouns with their topics, in WordNet's order.

    The 51 most general nouns are left out.

    Raises:
        ResourceError: WordNet is not installed.
    """
    return [
        Example(topic, (definition,))
        for topic, definition in noun_definitions()
        if topic != _MOST_GENERAL
    ]


def write_topics(destdir: Path, *, train: int, test: int, seed: int = 1) -> None:
    """Draws and writes ``train.tsv`` and ``test.tsv``, both or none.

    Args:
        destdir: the folder to make; it must not exist, or be empty.
        train: number of training examples.
        test: number of test examples.
        seed: of the draw.

    Raises:
        InputError: there are fewer definitions than asked for, or ``destdir`` exists.
        ResourceError: WordNet is not installed.
    """
    check_new(destdir)
    examples = topic_examples()
    if not (train > 0 and test > 0 and train + test <= len(examples)):
        raise InputError(
            f"--train-examples {train} and --test-examples {test} must be above 0 and together at most "
            f"{len(examples):,}, the nouns of WordNet"
        )
    drawn = random.Random(seed).sample(examples, train + test)
    with new_folder(destdir) as folder:
        write_examples(folder / "train.tsv", drawn[:train])
        write_examples(folder / "test.tsv", drawn[train:])
