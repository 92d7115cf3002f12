"""train_sentencepiece through its command line."""

import pytest

from data_prep.train_sentencepiece import main


def test_it_says_what_it_wrote(text, tmp_path, capsys):
    out = tmp_path / "spm"
    main([str(text), "--destdir", str(out), "--vocab-size", "500", "--sample", "2000"])
    assert capsys.readouterr().out == f"wrote {out / 'spm.model'} and {out / 'dict.txt'}\n"
    assert len((out / "dict.txt").read_text().splitlines()) == 500 - 3


def test_bad_input_ends_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main([str(tmp_path / "absent"), "--destdir", str(tmp_path / "spm")])
    error = capsys.readouterr().err
    assert end.value.code == 1 and error.count("\n") == 1
    assert error.startswith(f"train_sentencepiece: error: {tmp_path}/absent: no such file")
