"""The command: its table and its report."""

import json

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation import neighbours


def test_the_command(lm_checkpoints, lm_databin, tmp_path, run_main, capsys):
    report = tmp_path / "neighbors.json"
    paths = [f"{kind}={lm_checkpoints[kind]}" for kind in ("adaptive", "lstm")]
    options = ["--words", "hate", "like", "--top", 3, "--json", report]
    run_main(neighbours, *paths, "--data", lm_databin, *options)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["| word | adaptive | lstm |", "|---|---|---|"]
    checkpoints = json.loads(report.read_text())["checkpoints"]
    cells = [", ".join(checkpoint["distances"]["hate"]) for checkpoint in checkpoints]
    assert lines[2] == f"| **hate** | {' | '.join(cells)} |"
    distances = list(checkpoints[0]["distances"]["like"].values())
    assert len(distances) == 3 and distances == sorted(distances)


def test_bad_flags(lm_checkpoints, lm_databin, run_main):
    command = [neighbours, lm_checkpoints["lstm"], "--data", lm_databin]
    with pytest.raises(InputError, match="--words blue: not in dict.txt"):
        run_main(*command, "--words", "like", "blue")
    for top, message in ((0, "'0' is not a whole number from 1"), (15, ".* the 15 complete words")):
        with pytest.raises(InputError, match=f"--top.* {message}"):
            run_main(*command, "--words", "like", "--top", top)
