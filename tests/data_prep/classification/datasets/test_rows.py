"""Rows of a published split, as labeled text that is named by its source."""

from pathlib import Path

import pytest

from data_prep.classification.datasets.rows import Table, read_table
from data_prep.classification.examples import Example, LabeledText, read_labeled_text
from data_prep.classification.splits import Draws, read_splits
from data_prep.errors import InputError

SOURCE = Path("published") / "dev.tsv"


def test_white_space_is_one_space_and_damaged_rows_are_counted():
    rows = [["pos", " a\tfine  film "], *99 * [["neg", "dull"]], ["neg", " "], None]
    with pytest.raises(InputError, match=r"^published/dev.tsv: 2 of 102 rows lack a label or a "):
        read_table(Table(SOURCE, iter(rows)))
    text, damaged = read_table(Table(SOURCE, iter(rows[:-1])))
    assert damaged == 1 and text.source == SOURCE
    assert text.examples[:2] == [Example("pos", ("a fine film",)), Example("neg", ("dull",))]


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        ([], "^published/dev.tsv: no example in it; "),
        (
            [Example("new", ("a film",))],
            "^published/dev.tsv, example 1: the label 'new' is not one",
        ),
    ],
)
def test_messages_name_the_source(tmp_path, examples, message):
    (tmp_path / "train.tsv").write_text("pos\tfine\nneg\tdull\n")
    train = read_labeled_text(tmp_path / "train.tsv")
    with pytest.raises(InputError, match=message):
        read_splits({"train": train, "valid": LabeledText(SOURCE, examples)}, False, Draws())
