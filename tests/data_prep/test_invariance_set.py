"""invariance_set through its command line."""

import pytest

from data_prep.invariance_set import main


def test_it_says_what_was_changed(tmp_path, capsys):
    (tmp_path / "test.tsv").write_text("good\tshe didn't sleep .\n")
    line = [str(tmp_path / "test.tsv"), "--destdir", str(tmp_path / "sets")]
    main([*line, "--kinds", "number", "contraction"])
    assert capsys.readouterr().out == (
        "number: 0 of 1 examples changed\n"
        "contraction: 1 of 1 examples changed\n"
        "  good\tshe didn't sleep .\n"
        "  good\tshe did not sleep .\n\n"
    )
    assert len(list((tmp_path / "sets").iterdir())) == 2


def test_bad_input_ends_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main([str(tmp_path / "test.tsv"), "--destdir", str(tmp_path / "sets")])
    error = capsys.readouterr().err
    assert end.value.code == 1 and error.count("\n") == 1
    assert error.startswith(f"invariance_set: error: {tmp_path}/test.tsv: no such file; ")
