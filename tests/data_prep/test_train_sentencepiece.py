"""train_sentencepiece through its command line."""

import os

import pytest

from data_prep.train_sentencepiece import main


def test_it_says_what_it_wrote(text, tmp_path, capsys):
    out = tmp_path / "spm"
    main([str(text), "--destdir", str(out), "--vocab-size", "500", "--limit", "2000"])
    assert capsys.readouterr().out == f"wrote {out / 'spm.model'} and {out / 'dict.txt'}\n"
    assert len((out / "dict.txt").read_text().splitlines()) == 500 - 3


def test_it_says_that_a_text_has_fewer_pieces(tmp_path, capsys):
    (tmp_path / "text").write_text("a small text\n")
    main([str(tmp_path / "text"), "--destdir", str(tmp_path / "spm")])
    assert " pieces: the text has no more\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent"], "absent: cannot be read (No such file or directory); check"),
        (["text", "--limit", "-1"], "--limit: '-1' is not a whole number from 101 to"),
        (["text", "--seed", "-1"], "--seed: '-1' is not a whole number from 0 to"),
        (["text", "--seed", "1e20"], "--seed: '1e20' is not a whole number from 0 to"),
        (["text", "--vocab-size", "9" * 400], "is not a whole number from 1 to"),
        (["pipe"], "pipe: cannot be read (a pipe or a device); give a file"),
        (["garbage"], "garbage: not UTF-8 text after line 0"),
        (["text", "--destdir", "."], ".: is the current folder, or one above"),
        (["text", "--destdir", "text"], "text: exists already; choose another folder"),
    ],
)
def test_bad_input_ends_in_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("a line\n")
    (tmp_path / "garbage").write_bytes(b"\x80" * 70_000)
    os.mkfifo("pipe")
    with pytest.raises(SystemExit) as end:
        main(["--destdir", "spm", *arguments])
    error = capsys.readouterr().err.splitlines()[-1]
    assert end.value.code == 1
    assert error.startswith("train_sentencepiece: error: ") and message in error
    assert sorted(os.listdir()) == ["garbage", "pipe", "text"]
