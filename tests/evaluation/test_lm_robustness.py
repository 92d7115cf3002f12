"""The command: its table, its report and its figure."""

import json

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation import lm_robustness


def test_the_command(lm_checkpoints, lm_databin, tmp_path, run_main, capsys):
    paths = [f"{kind}={lm_checkpoints[kind]}" for kind in ("adaptive", "tensorized")]
    report, plot = tmp_path / "report.json", tmp_path / "plot.png"
    run_main(
        lm_robustness, *paths, "--data", lm_databin, "--epsilon", 3, 0.5, "--relative", "--cpu"
    )
    first = capsys.readouterr().out
    options = ["--epsilon", 0.5, 3, "--relative", "--batch-size", 3, "--cpu"]
    run_main(
        lm_robustness, *paths, "--data", lm_databin, *options, "--json", report, "--plot", plot
    )
    printed = capsys.readouterr().out
    assert printed == first  # whatever the order of the epsilons and the size of the batches

    results = json.loads(report.read_text())
    assert results["relative_epsilon"] and results["split"] == "test"
    assert [row["name"] for row in results["checkpoints"]] == ["adaptive", "tensorized"]
    row = results["checkpoints"][0]
    assert row["epsilon"] == [0.0, 0.5, 3.0]
    cells = [f"{value:.2f}" for value in row["perplexity"]]
    assert f"| adaptive | all tokens | {' | '.join(cells)} | " in printed
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_bad_flags(lm_checkpoints, lm_databin, tmp_path, run_main):
    path = lm_checkpoints["transformer"]
    for flag, value in (
        ("--epsilon", "0"),
        ("--epsilon", "nan"),
        ("--batch-size", "0"),
        ("--json", tmp_path / "none" / "report.json"),
        ("--plot", tmp_path / "none" / "plot.png"),
        ("--split", "none"),
    ):
        with pytest.raises(InputError, match=f"{flag}.* .*{value}"):
            run_main(lm_robustness, path, "--data", lm_databin, flag, value)
    assert list(tmp_path.iterdir()) == []
