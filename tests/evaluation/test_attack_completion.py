"""The command: its tables and its report."""

import json

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation import attack_completion


def test_the_command(lm_checkpoints, lm_databin, tmp_path, run_main, capsys):
    report = tmp_path / "completions.json"
    paths = [f"{kind}={lm_checkpoints[kind]}" for kind in ("adaptive", "tensorized")]
    options = ["--epsilon", 2, "--limit", 7, "--show", 2, "--cpu", "--json", report]
    run_main(attack_completion, *paths, "--data", lm_databin, *options)
    printed = capsys.readouterr().out
    results = json.loads(report.read_text())
    assert (results["epsilon"], results["length"]) == (2.0, 3)
    first = results["checkpoints"][0]
    assert first["name"] == "adaptive" and len(first["completions"]) == 7
    assert f"| adaptive | {first['perplexity_clean']:.2f} | " in printed
    shown = first["completions"][1]
    line = f"| adaptive | {shown['before']} **{shown['word']}** *{shown['attacked']}* | "
    assert line in printed.replace("\\", "")
    assert len(printed.splitlines()) == 2 + 4 + 1 + 2 + 2 * 2


def test_bad_flags(lm_checkpoints, lm_databin, tmp_path, run_main):
    command = [attack_completion, lm_checkpoints["transformer"], "--data", lm_databin]
    for flag, value in (
        ("--epsilon", "-1"),
        ("--epsilon", "nan"),
        ("--length", "0"),
        ("--limit", "0"),
        ("--batch-size", "0"),
        ("--split", "none"),
        ("--json", tmp_path / "none" / "report.json"),
    ):
        with pytest.raises(InputError, match=f"{flag}.* .*{value}"):
            run_main(*command, flag, value)
    with pytest.raises(InputError, match="no sentence of at most 1 tokens .* smaller --length"):
        run_main(*command, "--length", 14)
