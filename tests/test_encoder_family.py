"""An encoder like an imported one through the real binaries: no sizes typed, every task."""

import json

import pytest
import torch
from fairseq import options, tasks
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from toy_checkpoints import save_checkpoint
from training_logs import assert_equal_weights, assert_one_line_error, logged, saved, weights

from fairseq_cline.evaluation import hits, representation

SIZES = ["--encoder-layers", 2, "--encoder-embed-dim", 32, "--encoder-ffn-embed-dim", 64]
SIZES += ["--encoder-attention-heads", 4, "--max-positions", 40, "--token-types", 2]
SIZES += ["--layer-norm-eps", 1e-12, "--sentence-feature", "mean", "--pooler"]
TRAIN = ["--optimizer", "adam", "--lr", 1e-3, "--clip-norm", 1.0, "--cpu", "--log-format", "json"]
TRAIN += ["--log-interval", 1, "--num-workers", 0, "--no-epoch-checkpoints"]
PRETRAIN = [*TRAIN, "--tokens-per-sample", 32, "--max-tokens", 1024]
CLINE = ["--task", "cline_pretrain", "--criterion", "cline", "--arch", "cline_bert"]
CLINE += ["--contrast", "infonce", "--consistency-weight", 5, "--contrastive-temperature", 0.1]
TYPES = "encoder.sentence_encoder.embed_token_types.weight"


@pytest.fixture(scope="module")
def start(databin, tmp_path_factory):
    """The checkpoint that all trainings here start from."""
    words = [databin, "--task", "masked_lm", "--criterion", "masked_lm", "--arch", "bert", *SIZES]
    parser = options.get_training_parser()
    args = options.parse_args_and_arch(parser, [*map(str, words)])
    cfg = convert_namespace_to_omegaconf(args)
    torch.manual_seed(1)
    model = tasks.setup_task(cfg.task).build_model(cfg.model)
    return save_checkpoint(tmp_path_factory.mktemp("start") / "model.pt", cfg, model)


@pytest.fixture(scope="module")
def trained(start, databin, run_fairseq, tmp_path_factory):
    """Two epochs of CLINE with a checkpoint within the second."""
    folder = tmp_path_factory.mktemp("cline")
    done = run_fairseq(
        "train", databin, *CLINE, *PRETRAIN, "--max-epoch", 2, "--save-interval-updates", 7,
        "--finetune-from-model", start, "--save-dir", folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done, folder


def figures(lines):
    names = ("loss", "mlm_loss", "rtd_loss", "contrastive_loss", "consistency_loss")
    return [[line[name] for name in names] for line in lines]


def test_cline_keeps_the_encoder_as_it_was(start, trained):
    done, folder = trained
    lines = figures(logged(done))
    assert len(lines) > 7 and float(lines[-1][3]) < float(lines[0][3])
    before, after = weights(start.parent, start.name), weights(folder)
    for key, value in before.items():
        if key.startswith("encoder.sentence_encoder."):
            copied = key.replace("encoder.sentence_encoder.", "reference.network.")
            assert torch.equal(after[copied], value), key
    assert not torch.equal(after[TYPES], before[TYPES])
    for part in ("encoder.pooler_weight", "encoder.pooler_bias"):
        assert torch.equal(after[part], before[part])


def test_a_resumed_training_is_the_same(trained, databin, run_fairseq, tmp_path):
    """Nothing but the checkpoint says how large the encoder is, nor what it was before."""
    done, folder = trained
    (tmp_path / "checkpoint_last.pt").write_bytes((folder / "checkpoint_2_7.pt").read_bytes())
    resumed = run_fairseq(
        "train", databin, *CLINE, *PRETRAIN, "--max-epoch", 2, "--save-dir", tmp_path
    )
    assert figures(logged(resumed)) == figures(logged(done))[7:]
    for part in ("model", "criterion"):
        assert_equal_weights(saved(tmp_path)[part], saved(folder)[part])


def test_validate_agrees(trained, databin, run_fairseq):
    done, folder = trained
    validated = run_fairseq(
        "validate", databin, "--task", "cline_pretrain", "--path", folder / "checkpoint_last.pt",
        "--max-tokens", 1024, "--cpu", "--log-format", "json", "--num-workers", 0,
    )  # fmt: skip
    last, again = logged(done, "valid")[-1], logged(validated, "valid")[-1]
    for name in ("loss", "contrastive_loss", "consistency_loss"):
        assert last[f"valid_{name}"] == again.get(f"valid_{name}", again.get(name))


@pytest.mark.parametrize(
    ("task", "criterion", "arch"),
    [
        ("dcl_pretrain", "dcl", "dcl_bert"),
        ("masked_lm", "masked_lm", "bert"),
        ("cline_pretrain", "masked_lm", "cline_bert"),
    ],
)
def test_pre_trains_further(trained, databin, run_fairseq, tmp_path, task, criterion, arch):
    extra = ["--train-subset", "train.ori"] if task == "masked_lm" else []
    done = run_fairseq(
        "train", databin, "--task", task, "--criterion", criterion, "--arch", arch, *PRETRAIN,
        *extra, "--max-update", 2, "--disable-validation", "--save-dir", tmp_path,
        "--finetune-from-model", trained[1] / "checkpoint_last.pt",
    )  # fmt: skip
    assert len(logged(done)) == 2
    state = weights(tmp_path)
    assert TYPES in state and not any(key.startswith("reference.") for key in state)
    copied = f"alignment.momentum_encoder.network.{TYPES.removeprefix('encoder.sentence_')}"
    assert (copied in state) == (criterion == "dcl")


@pytest.mark.parametrize(
    ("task", "criterion", "settings"),
    [
        ("sentence_prediction", "sentence_prediction", []),
        ("sentence_prediction", "freelb", ["--adversarial-steps", 2]),
        ("clld_classification", "clld", []),
    ],
)
def test_fine_tunes(
    trained, classification_databin, run_fairseq, tmp_path, task, criterion, settings
):
    done = run_fairseq(
        "train", classification_databin, "--task", task, "--criterion", criterion, "--arch", "bert",
        "--num-classes", 2, "--init-token", 0, *TRAIN, *settings, "--batch-size", 8,
        "--max-epoch", 3, "--save-dir", tmp_path,
        "--finetune-from-model", trained[1] / "checkpoint_last.pt",
    )  # fmt: skip
    assert float(logged(done, "valid")[-1]["valid_loss"]) < 1.1, done.stdout
    state = weights(tmp_path)
    pooler = state["encoder.pooler_weight"]
    dense = state["classification_heads.sentence_classification_head.dense.weight"]
    assert 0 < (dense - pooler).abs().max() < 0.1  # a dozen updates from where it started


@pytest.mark.parametrize("command", [hits, representation])
def test_is_evaluated(trained, databin, tmp_path, command):
    report = tmp_path / "report.json"
    words = [trained[1] / "checkpoint_last.pt", "--data", databin, "--split", "valid", "--cpu"]
    command.main([*map(str, words), "--json", str(report)])
    (row,) = json.loads(report.read_text())["checkpoints"]
    if command is hits:
        assert len(row["mean"]) == 3 and row["rtd"] is not None
    else:
        assert row["features"]["[CLS]"] and row["features"]["projection"] is None


def test_errors_are_one_line(start, databin, run_fairseq, tmp_path):
    command = ["train", databin, *CLINE, *PRETRAIN, "--save-dir", tmp_path / "out"]
    done = run_fairseq(*command, "--finetune-from-model", tmp_path / "none.pt")
    assert_one_line_error(done, "none.pt", "No such file")
    done = run_fairseq(*command, "--finetune-from-model", start, "--encoder-layers", 3)
    assert_one_line_error(done, "model.pt: does not fit this training", "--arch and the sizes")
    done = run_fairseq(
        *command, "--finetune-from-model", start, "--arch", "roberta_base", *SIZES[:8]
    )
    assert_one_line_error(done, "--consistency-weight needs a model with --arch cline_")
