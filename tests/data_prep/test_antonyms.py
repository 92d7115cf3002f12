"""antonyms through its command line."""

import os

import pytest

from data_prep import antonyms


def test_every_process_writes_the_same(run, glosses, tmp_path):
    words = {word for lines in glosses[::30] for line in lines for word in line.split()}
    dictionary = tmp_path / "dict.en.txt"
    dictionary.write_text("".join(f"{word} 1\n" for word in sorted(words)), encoding="utf-8")
    written = set()
    for seed in ("1", "2"):
        done = run("antonyms", dictionary, env={**os.environ, "PYTHONHASHSEED": seed})
        assert done.returncode == 0, done.stderr
        assert "symbols have antonyms: " in done.stdout
        written.add((tmp_path / "antonyms.en.txt").read_bytes())
    assert len(written) == 1


def test_bad_input_ends_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        antonyms.main([str(tmp_path / "dict.txt")])
    assert end.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith(f"antonyms: error: {tmp_path}/dict.txt: no such file; ")
    assert error.count("\n") == 1
