"""run/evaluate_translation.sh: its settings, and which words sacreBLEU counts."""

import json
import os
import sys
from pathlib import Path

import pytest
from dry_runs import ROOT

pytestmark = pytest.mark.binaries
EVALUATION = ROOT / "run" / "evaluate_translation.sh"


@pytest.fixture
def evaluate(dry_run, tmp_path):
    """Runs the evaluation; there are two checkpoints and a reference, but no fairseq for them."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "best.pt").write_bytes(b"no checkpoint")
    (tmp_path / "data" / "raw").mkdir()
    (tmp_path / "data" / "raw" / "test.de").write_text("ein Satz\n")
    return lambda *arguments, **variables: dry_run(
        EVALUATION,
        *arguments,
        **{"SOURCE_LANG": "en", "TARGET_LANG": "de", "OUT": None, **variables},
    )


@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        ([], {}, "no model; give one or more checkpoints"),
        (["--cpu"], {}, "no model; give one or more checkpoints"),
        (["a/best.pt", "c=c/best.pt"], {}, "c/best.pt: no such file; give a checkpoint"),
        (["a/b=a/best.pt"], {}, "a/b: files in OUT get this name; write one without a /"),
        (["a/best.pt", "b/best.pt"], {}, "two models have the name best.pt; write NAME=CHECKPOINT"),
        (["a=a/best.pt"], {"SPLIT": "tset"}, "raw/tset.de: no such file; make DATA with data_prep"),
        (["a=a/best.pt"], {"TARGET_LANG": None}, "TARGET_LANG"),
        (["a=a/best.pt"], {"DATA": None}, "DATA"),
    ],
)
def test_a_wrong_setting_ends_the_evaluation_with_one_clear_line(
    evaluate, tmp_path, arguments, variables, message
):
    run = evaluate(*arguments, **variables)
    assert run.returncode != 0 and run.stdout == ""
    assert message in run.stderr and run.stderr.count("\n") == 1
    assert not (tmp_path / "translations").exists()


def test_the_evaluation_passes_on_what_fairseq_says(evaluate):
    run = evaluate("a=a/best.pt", "--cpu")
    assert run.returncode == 1 and run.stderr.count("\n") == 1
    assert run.stderr.startswith("evaluate_translation: error: a: fairseq_cline: error: ")
    assert "data/dict.en.txt: no such file" in run.stderr


@pytest.mark.parametrize(("language", "tokenizer"), [("zh", "zh"), ("de", "13a")])
def test_the_language_decides_what_is_a_word(evaluate, tmp_path, language, tokenizer):
    """The search of the test always finds the same translation."""
    text = "我们今天去北京看朋友"
    (tmp_path / "data" / "raw" / f"test.{language}").write_text(f"{text}\n")
    (tmp_path / "bin").mkdir()
    generate = tmp_path / "bin" / "fairseq-generate"
    generate.write_text(f"#!/usr/bin/env bash\nprintf 'D-0\\t-0.1\\t{text}吧\\n'\n")
    generate.chmod(0o755)
    path = os.pathsep.join([str(generate.parent), str(Path(sys.executable).parent)])
    (tmp_path / "lr=3").mkdir()
    (tmp_path / "lr=3" / "best.pt").write_bytes(b"")
    run = evaluate(
        "a/best.pt" if language == "de" else "lr=3/best.pt",
        TARGET_LANG=language,
        PATH=f"{path}{os.pathsep}{os.environ['PATH']}",
    )
    assert run.returncode == 0, run.stderr
    report = json.loads((tmp_path / "translations" / "best.pt.json").read_text())
    assert f"tok:{tokenizer}" in report[0]["signature"]
    assert (report[0]["score"] > 50) == (language == "zh")
