"""synonym_text through its command line."""

import pytest

from data_prep.synonym_text import main


def test_it_says_what_was_replaced(tmp_path, capsys):
    (tmp_path / "text.en").write_text("two dogs saw a movie\n")
    main([str(tmp_path / "text.en"), "--output", str(tmp_path / "out.en"), "--share", "1"])
    written = (tmp_path / "out.en").read_text()
    assert written.endswith((" film\n", " picture\n"))
    printed = capsys.readouterr().out
    assert " of 5 words replaced (" in printed and "movie -> " in printed


def test_bad_input_ends_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main([str(tmp_path / "text.en"), "--output", str(tmp_path / "out.en"), "--share", "0"])
    error = capsys.readouterr().err
    assert end.value.code == 1
    assert error == "synonym_text: error: --share 0: must be above 0 and at most 1\n"
