"""Each binary once by its true command line, in a process that Python starts.

The other tests fork them from a server that has imported fairseq (``binaries.py``).
"""

import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from binaries import ENVIRONMENT, REPOSITORY
from training_logs import assert_one_line_error, logged

pytestmark = pytest.mark.binaries

PLUGIN = ["--user-dir", REPOSITORY / "fairseq_cline"]
CPU = ["--cpu", "--num-workers", 0]
TRANSLATION = ["--task", "atcl_translation", "--source-lang", "xx", "--target-lang", "yy"]
TRAIN = [*TRANSLATION, "--criterion", "atcl_label_smoothed_cross_entropy", "--arch", "transformer"]
TRAIN += ["--optimizer", "adam", "--lr", 0.01, "--batch-size", 8, "--max-update", 3]
TRAIN += ["--log-format", "json", "--log-interval", 1, "--no-epoch-checkpoints", *CPU]
for side in ("encoder", "decoder"):
    TRAIN += [f"--{side}-layers", 1, f"--{side}-embed-dim", 16, f"--{side}-ffn-embed-dim", 16]
    TRAIN += [f"--{side}-attention-heads", 2]
PAIRS = [("one two three", "three two one"), ("two four", "four two"), ("four one", "one four")]
LANGUAGE_MODEL = """# @package _group_
common: {{user_dir: {plugin}, cpu: true, seed: 1}}
task: {{_name: language_modeling, data: {data}, tokens_per_sample: 16}}
model:
  _name: transformer_lm
  decoder_layers: 1
  decoder_embed_dim: 16
  decoder_input_dim: 16
  decoder_output_dim: 16
  decoder_ffn_embed_dim: 16
  decoder_attention_heads: 2
criterion: cross_entropy
optimizer: {{_name: adam, lr: [0.01]}}
lr_scheduler: fixed
optimization: {{max_update: 2, lr: [0.01]}}
dataset: {{max_tokens: 128, num_workers: 0}}
checkpoint: {{save_dir: {save_dir}}}
"""


def start(program: str, *arguments: object, cwd: Path) -> subprocess.CompletedProcess:
    """Runs an installed script, or a module of ours as ``python -m MODULE``, as a user does."""
    words = [str(Path(sysconfig.get_path("scripts"), program))]
    if "." in program:
        words = [sys.executable, "-m", program]
    return subprocess.run(
        [*words, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def output(done: subprocess.CompletedProcess) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_translation(binaries, write_translation_databin, tmp_path):
    databin = write_translation_databin(tmp_path / "bin", {"train": PAIRS * 9, "valid": PAIRS})
    command = [databin, *TRAIN, *PLUGIN, "--save-dir"]
    trained = start("fairseq-train", *command, tmp_path / "model", cwd=tmp_path)
    model = tmp_path / "model" / "checkpoint_last.pt"
    losses = [line["loss"] for line in logged(trained)]
    assert len(losses) == 3
    # What is forked elsewhere is the same program.
    forked = binaries.run("-m", "fairseq_cli.train", *command, tmp_path / "forked", cwd=tmp_path)
    assert [line["loss"] for line in logged(forked)] == losses

    common = [databin, *TRANSLATION, *PLUGIN, *CPU, "--path", model]
    validated = start(
        "fairseq-validate", *common, "--batch-size", 8, "--log-format", "json", cwd=tmp_path
    )
    valid = (
        [line["valid_loss"] for line in logged(done, "valid")] for done in (trained, validated)
    )
    assert next(valid) == next(valid)
    beam = ["--beam", 2, "--max-len-b", 8]
    valid_set = ["--gen-subset", "valid", "--batch-size", 8]
    generated = start("fairseq-generate", *common, *beam, *valid_set, cwd=tmp_path)
    assert sorted(re.findall(r"^H-(\d)\t", output(generated), re.MULTILINE)) == ["0", "1", "2"]
    (tmp_path / "text").write_text("two one\n")
    told = start("fairseq-interactive", *common, *beam, "--input", tmp_path / "text", cwd=tmp_path)
    assert re.findall(r"^H-(\d)\t", output(told), re.MULTILINE) == ["0"]


def test_language_modeling(binaries, tmp_path):
    """Goes from text to the perplexity under attack."""
    (tmp_path / "text").write_text("the old tree falls .\nthe young tree grows .\n" * 8)
    databin, model = tmp_path / "bin", tmp_path / "model" / "checkpoint_last.pt"
    given = [word for split in ("train", "valid", "test") for word in (f"--{split}", "text")]
    made = start("data_prep.lm_text", *given, "--destdir", databin, cwd=tmp_path)
    assert "young -> old" in output(made)

    config = LANGUAGE_MODEL.format(plugin=PLUGIN[1], data=databin, save_dir=model.parent)
    (tmp_path / "lm.yaml").write_text(config)
    where = ["--config-dir", tmp_path, "--config-name", "lm", f"hydra.run.dir={tmp_path}/hydra"]
    output(start("fairseq-hydra-train", *where, cwd=tmp_path))
    missing = f"checkpoint.restore_file={tmp_path}/missing.pt"
    refused = binaries.run("-m", "fairseq_cli.hydra_train", *where, missing, cwd=tmp_path)
    assert_one_line_error(refused, "--restore-file", tmp_path / "missing.pt")
    evaluated = start(
        "fairseq-eval-lm", databin, *PLUGIN, *CPU, "--path", model, "--gen-subset", "test",
        "--tokens-per-sample", 16, "--max-tokens", 128, cwd=tmp_path,
    )  # fmt: skip
    perplexity = float(output(evaluated).rsplit("Perplexity: ", 1)[1])

    attacked = start(
        "fairseq_cline.evaluation.lm_robustness", f"lm={model}", "--data", databin, "--epsilon", 1,
        "--json", "attack.json", "--cpu", cwd=tmp_path,
    )  # fmt: skip
    assert "| lm |" in output(attacked)
    (row,) = json.loads((tmp_path / "attack.json").read_text())["checkpoints"]
    assert row["perplexity"][0] == pytest.approx(perplexity, abs=0.01)
