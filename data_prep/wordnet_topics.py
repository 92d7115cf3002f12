"""WordNet's definitions as a classification set of 25 confusable topics.

Example::

    python -m data_prep.wordnet_topics --out topics
    python -m data_prep.text_classification --words --train topics/train.tsv \\
        --test topics/test.tsv --destdir data-bin/topics

A text is the definition of a noun, its label the file of WordNet that the noun is in: act, animal,
artifact, attribute, body, ... Several of them are easily taken for one another (act and event,
location and object), and the largest is 276 times as large as the smallest. The data need no
download beyond WordNet.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from data_prep.classification.examples import Example, write_examples
from data_prep.english.glosses import split_gloss
from data_prep.english.resources import wordnet_path
from data_prep.errors import InputError, ResourceError
from data_prep.files.whole import check_new, new_folder


def definitions() -> list[Example]:
    """All nouns' definitions with their topics, in WordNet's order.

    Without the 51 "tops", the most general nouns of all files.
    """
    folder = Path(wordnet_path())
    rows = (line.split() for line in (folder / "lexnames").read_text("utf-8").splitlines())
    topics = {number: name.removeprefix("noun.") for number, name, _ in rows}
    examples = []
    with open(folder / "data.noun", encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith(" "):  # the license
                record, _, gloss = line.partition(" | ")
                topic = topics[record.split()[1]]
                examples.append(Example(topic, (split_gloss(gloss)[0],)))
    return [example for example in examples if example.label != "Tops"]


def write_topics(out: Path, train: int, test: int, seed: int) -> None:
    """Draw and write ``train.tsv`` and ``test.tsv``, all or nothing.

    Raises:
        InputError: there are fewer definitions than asked for, or ``out`` exists.
    """
    check_new(out)
    examples = definitions()
    if not (train > 0 and test > 0 and train + test <= len(examples)):
        raise InputError(
            f"--train {train} and --test {test} must be above 0 and together at most "
            f"{len(examples):,}, the nouns of WordNet"
        )
    drawn = random.Random(seed).sample(examples, train + test)
    with new_folder(out) as folder:
        write_examples(folder / "train.tsv", drawn[:train])
        write_examples(folder / "test.tsv", drawn[train:])


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="wordnet_topics",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the two files")
    parser.add_argument("--train", type=int, default=5000, help="examples (default: 5000)")
    parser.add_argument("--test", type=int, default=5000, help="examples (default: 5000)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw (default: 1)")
    arguments = parser.parse_args(argv)
    try:
        write_topics(arguments.out, arguments.train, arguments.test, arguments.seed)
    except (InputError, ResourceError, OSError) as error:
        parser.exit(1, f"wordnet_topics: error: {error}\n")
    print(f"{arguments.out}: {arguments.train:,} + {arguments.test:,} definitions")


if __name__ == "__main__":
    main()
