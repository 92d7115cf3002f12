"""The parts of a text that run/own_corpus.sh holds out."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from binaries import REPOSITORY

from data_prep.errors import InputError

hold_out = runpy.run_path(str(REPOSITORY / "run/lib/hold_out.py"))["hold_out"]


def parts(folder):
    return {path.stem: path.read_text().split("\n") for path in folder.iterdir()}


def test_ten_lines_of_200_each_and_all_others_for_training(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text/a.txt").write_text("".join(f"{k}\n" for k in range(250)))
    (tmp_path / "text/b.txt").write_text("".join(f"{k}\n\n" for k in range(250, 420)))
    hold_out(str(tmp_path / "text"), tmp_path / "parts")
    found = parts(tmp_path / "parts")
    numbers = {name: [int(line) for line in lines if line] for name, lines in found.items()}
    assert numbers["valid"] == [*range(180, 190), *range(380, 390)]
    assert numbers["test"] == [*range(190, 200), *range(390, 400)]
    assert numbers["train"] == [*range(180), *range(200, 380), *range(400, 420)]
    # An empty line stands between documents, and where lines are missing.
    train = found["train"]
    assert train[train.index("179") : train.index("200") + 1] == ["179", "", "200"]
    assert train[train.index("249") : train.index("250") + 1] == ["249", "", "250"]


def test_too_little_text_is_refused(tmp_path):
    (tmp_path / "text").write_text("a line\n" * 199)
    with pytest.raises(InputError, match="has 199 lines of text; give 200 or more"):
        hold_out(str(tmp_path / "text"), tmp_path / "parts")
    assert not (tmp_path / "parts").exists()


def test_what_is_made_of_a_text_is_no_part_of_it(tmp_path):
    """Whoever starts in the folder of the text gives no OUT."""
    (tmp_path / "text.txt").write_text("a line\n" * 900)
    with pytest.raises(InputError, match="OUT: .*/out lies in TEXT"):
        hold_out(str(tmp_path), tmp_path / "out/text")
    assert not (tmp_path / "out").exists()


@pytest.mark.binaries
def test_a_second_start_with_another_text_is_refused(tmp_path):
    (tmp_path / "out/text").mkdir(parents=True)
    for name in ("mine.txt", "out/text/train.txt"):
        (tmp_path / name).write_text("a line\n" * 200)
    (tmp_path / "out/text.sha256").write_text("of another\n")
    done = subprocess.run(
        ["bash", str(REPOSITORY / "run/own_corpus.sh")],
        env={
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": os.environ["HOME"],
            "FAIRSEQ_CLINE_PYTHON": sys.executable,
            "TEXT": "mine.txt",
            "OUT": "out",
        },
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("/mine.txt; name another OUT"), done.stderr
    assert not (tmp_path / "out/spm").exists()
