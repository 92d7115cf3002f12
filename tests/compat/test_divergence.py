"""Trainings that diverge: one line that says where, and nothing left behind."""

import os

import pytest
from fairseq.trainer import Trainer
from training_logs import assert_one_line_error

from data_prep.errors import InputError
from fairseq_cline.compat.divergence import save_unless_refused

ADAM = ["--optimizer", "adam", "--cpu", "--num-workers", 0, "--max-update", 9]
LENGTHS = ["--tokens-per-sample", 32, "--max-tokens", 512]
TRIPLETS = ["--task", "cline_pretrain", "--criterion", "cline", "--arch", "cline_roberta_tiny"]
TRIPLETS += ["--max-positions", 32, "--encoder-layers", 1]
DECODER = ["--task", "atcl_lm", "--criterion", "atcl_cross_entropy", "--arch", "transformer_lm"]
DECODER += ["--decoder-layers", 1, "--decoder-embed-dim", 8, "--decoder-ffn-embed-dim", 8]
DECODER += ["--decoder-attention-heads", 1]


@pytest.mark.parametrize(
    ("data", "model", "lr", "parts"),
    [
        ("databin", TRIPLETS, "1e30", ["mlm_loss is nan, rtd_loss is nan", "is the output of enc"]),
        ("databin", TRIPLETS, "1e3", ["loss is inf", "is the output of task_weighting"]),
        ("language_databin", DECODER, "1e30", ["_loss is nan", "is the output of decoder."]),
    ],
)
def test_the_update_the_part_and_the_tensor_are_named(
    data, model, lr, parts, request, run_fairseq, tmp_path
):
    folder = request.getfixturevalue(data)
    where = ["--save-dir", tmp_path / "checkpoints"]
    done = run_fairseq("train", folder, *model, *LENGTHS, *ADAM, "--lr", lr, *where)
    assert_one_line_error(done, "update 2: the training has diverged: ", *parts, "give a smaller")
    assert f"(it is {float(lr):g} here)" in done.stderr
    assert os.listdir(tmp_path / "checkpoints") == []


def test_a_run_that_is_refused_leaves_no_crash():
    saved = []

    def save(trainer: Trainer, filename: str, extra_state: dict) -> None:
        saved.append(filename)

    for error, expected in ((InputError("bad"), []), (ZeroDivisionError(), ["x/crash.pt"])):
        saved.clear()
        try:
            raise error
        except (InputError, ZeroDivisionError):
            save_unless_refused(save, None, "x/crash.pt", {})
        assert saved == expected
    save_unless_refused(save, None, "x/checkpoint_last.pt", {})
    assert saved[-1] == "x/checkpoint_last.pt"
