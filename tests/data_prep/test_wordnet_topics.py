"""wordnet_topics through its command line."""

import pytest

from data_prep.wordnet_topics import main


def test_it_says_how_many_definitions_there_are(tmp_path, capsys):
    out = tmp_path / "topics"
    main(["--destdir", str(out), "--train-examples", "30", "--test-examples", "10"])
    assert capsys.readouterr().out == f"{out}: 30 + 10 definitions\n"
    assert {path.name for path in out.iterdir()} == {"train.tsv", "test.tsv"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--train-examples", "0"], "--train-examples: '0' is not a whole number from 1 to"),
        (
            ["--train-examples", "999999"],
            "--train-examples 999999 and --test-examples 5000 must be above 0 and together at",
        ),
        (["--seed", "-1"], "--seed: '-1' is not a whole number from 0 to"),
    ],
)
def test_bad_input_ends_in_one_line(tmp_path, capsys, options, message):
    with pytest.raises(SystemExit) as end:
        main(["--destdir", str(tmp_path / "x"), *options])
    error = capsys.readouterr().err
    assert end.value.code == 1 and error.count("\n") == 1
    assert error.startswith(f"wordnet_topics: error: {message}")
    assert list(tmp_path.iterdir()) == []
