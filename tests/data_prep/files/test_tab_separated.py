"""Tables as benchmarks publish them: which rows are whole, and what their cells hold."""

import pytest

from data_prep.errors import InputError
from data_prep.files.tab_separated import read_rows


def test_columns_are_found_by_their_names_and_cells_are_not_unquoted(tmp_path):
    path = tmp_path / "dev.tsv"
    path.write_text('\ufeffid\tlabel\ttext\n1\tno\t a "b\u2028c \r\n2\tyes\n3\t\tempty\n', "utf-8")
    rows = list(read_rows(path, ("text", "label")))
    assert rows == [['a "b c', "no"], None, None]


def test_a_table_without_names_is_given_them(tmp_path):
    path = tmp_path / "dev.tsv"
    path.write_text("gj04\t1\tThe sailors rode.\n")
    rows = list(read_rows(path, ("label", "sentence"), ("source", "label", "sentence")))
    assert rows == [["1", "The sailors rode."]]
    with pytest.raises(InputError, match="dev.tsv: no column label in its first line"):
        list(read_rows(path, ("label",)))
