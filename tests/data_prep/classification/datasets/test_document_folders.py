"""Documents of the user's copy, a file each."""

import os

import pytest

from data_prep.classification.datasets.imdb import DATA
from data_prep.errors import InputError


@pytest.fixture
def copy(tmp_path):
    for folder in DATA.folders.values():
        for label in DATA.labels:
            (tmp_path / folder / label).mkdir(parents=True)
            (tmp_path / folder / label / "0_1.txt").write_text(
                f"a {label} film<br />of two lines\n"
            )
    return tmp_path


def test_a_document_is_an_example(copy):
    tables = DATA.obtain(copy, copy)
    assert [*tables] == ["train", "test"]
    rows = [["neg", "a neg film of two lines"], ["pos", "a pos film of two lines"]]
    assert [*tables["train"].rows] == [*tables["test"].rows] == rows


def test_a_pipe_is_not_waited_for(copy):
    os.mkfifo(copy / "aclImdb/test/neg/1_1.txt")
    with pytest.raises(InputError, match=r"neg/1_1.txt: cannot be read \(a pipe or a device\)"):
        DATA.obtain(copy, copy)
