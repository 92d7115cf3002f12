"""wordnet_corpus through its command line."""

import pytest

from data_prep.wordnet_corpus import main


def test_it_says_how_much_is_in_each_file(tmp_path, capsys):
    main(["--destdir", str(tmp_path / "text"), "--valid-share", "0.5", "--test-share", "0.4"])
    lines = capsys.readouterr().out.splitlines()
    files = [tmp_path / "text" / f"{split}.txt" for split in ("train", "valid", "test")]
    for line, file in zip(lines, files, strict=True):
        text = file.read_text(encoding="utf-8")
        words, synsets = len(text.split()), text.count("\n\n")
        assert line.startswith(f"{file}: {synsets:,} synsets, ")
        assert line.endswith(f" lines, {words:,} words")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--destdir", "FILE"], "FILE: exists already; choose another folder or remove it"),
        (["--destdir", "."], ".: is the current folder, or one above; name a new folder in it"),
        (["--destdir", "FILE/new"], "FILE is no folder; choose another place"),
        (["--destdir", "new", "--test-share", "nan"], "--test-share must be >= 0"),
        (["--destdir", "new", "--test-share", "-0.1"], "--test-share must be >= 0"),
    ],
)
def test_bad_input_ends_in_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_text("in the way")
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("wordnet_corpus: error: ") and error.count("\n") == 1
    assert message in error
    assert [file.name for file in tmp_path.iterdir()] == ["FILE"]
