"""wordnet_topics through its command line."""

import pytest

from data_prep.wordnet_topics import main


def test_it_says_how_many_definitions_there_are(tmp_path, capsys):
    out = tmp_path / "topics"
    main(["--out", str(out), "--train", "30", "--test", "10"])
    assert capsys.readouterr().out == f"{out}: 30 + 10 definitions\n"
    assert {path.name for path in out.iterdir()} == {"train.tsv", "test.tsv"}


def test_bad_input_ends_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["--out", str(tmp_path / "x"), "--train", "0"])
    error = capsys.readouterr().err
    assert end.value.code == 1 and error.count("\n") == 1
    assert error.startswith("wordnet_topics: error: --train 0 and --test 5000 must be above 0")
