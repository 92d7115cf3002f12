"""wordnet_similarity through its command line."""

import csv

import pytest

from data_prep.wordnet_similarity import main


def test_it_writes_pairs_in_the_form_of_sts_b(tmp_path, capsys):
    file = tmp_path / "pairs.csv"
    main(["--output", str(file), "--limit", "40"])
    assert capsys.readouterr().out == f"{file}: 40 pairs of definitions\n"
    rows = [*csv.reader(file.open())]
    assert len(rows) == 40 and {len(row) for row in rows} == {3}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--limit", "0"], "--limit: '0' is not a whole number from 1 to"),
        (["--seed", "-1"], "--seed: '-1' is not a whole number from 0 to"),
        (["--output", "."], "--output .: is a folder; give the name of a file"),
    ],
)
def test_bad_input_ends_in_one_line(tmp_path, capsys, options, message):
    with pytest.raises(SystemExit) as end:
        main(["--output", str(tmp_path / "x"), *options])
    error = capsys.readouterr().err
    assert end.value.code == 1 and error.count("\n") == 1
    assert error.startswith(f"wordnet_similarity: error: {message}")
    assert list(tmp_path.iterdir()) == []
