"""Tables of plain text and of Markdown."""

from data_prep.files.text_tables import aligned, markdown


def test_columns_are_flush_right():
    assert aligned([["split", "n"], ["train", "1,000"]]) == "split      n\ntrain  1,000"


def test_empty_cells_of_markdown_take_no_room():
    table = markdown(["", "a"], [["x", "1"], ["", "2"]])
    assert table.splitlines() == ["| | a |", "|---|---|", "| x | 1 |", "| | 2 |"]
