"""bf16 is no TPU, and fp16 trains on a CPU."""

import sys
from types import SimpleNamespace

import pytest
import torch
from fairseq import options
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.logging import metrics
from fairseq.optim import FP16Optimizer

from fairseq_cline.compat import half_precision
from fairseq_cline.compat.half_precision import SkippedUpdateError

TASK = ["data", "--task", "language_modeling", "--arch", "transformer_lm"]


@pytest.mark.parametrize("flag", ["--bf16", "--memory-efficient-bf16", "--fp16"])
@pytest.mark.parametrize("wants_tpu", [False, True])
def test_a_tpu_is_asked_for_by_its_own_flag(monkeypatch, flag, wants_tpu):
    words = [*TASK, flag, *(["--tpu"] if wants_tpu else [])]

    def parse(*arguments, **settings):
        return options.parse_args_and_arch(options.get_training_parser(), *arguments, **settings)

    if wants_tpu and flag == "--fp16":
        with pytest.raises(ValueError, match="Cannot combine"):
            parse(words)
        return
    monkeypatch.setattr(sys, "argv", ["fairseq-train", *words])
    for parsed in (parse(), parse(words), parse(words, parse_known=True)[0]):
        assert parsed.tpu == wants_tpu and parsed.bf16 == ("bf16" in flag)


def test_on_a_cpu_the_weights_stay_apart():
    """Their flat copy asks for the number of the GPU."""
    parser = options.get_training_parser()
    words = [*TASK, "--fp16", "--optimizer", "adam"]
    args = options.parse_args_and_arch(parser, words)
    cfg = convert_namespace_to_omegaconf(args)
    weights = [torch.nn.Parameter(torch.ones(2).half()), torch.nn.Parameter(torch.ones(3).half())]
    optimizer = FP16Optimizer.build_optimizer(cfg, weights)
    assert [weight.dtype for weight in optimizer.fp32_params] == 2 * [torch.float32]


def make_trainer(device):
    return SimpleNamespace(
        device=torch.device(device),
        zero_grad=lambda: None,
        optimizer=SimpleNamespace(scaler=SimpleNamespace(loss_scale=64.0)),
    )


def overflow(_trainer, _clip_norm):
    raise OverflowError("setting loss scale to: 64")


@pytest.mark.parametrize("device, error", [("cpu", SkippedUpdateError), ("cuda", OverflowError)])
def test_an_overflow_goes_past_the_trainer_on_a_cpu_alone(device, error):
    with pytest.raises(error, match="64"):
        half_precision.clip_grad_norm(overflow, make_trainer(device), 1.0)


def test_a_skipped_update_leaves_no_mean_open(caplog):
    @metrics.aggregate("train")
    def step(trainer, samples):
        metrics.log_scalar("loss", samples)
        if samples < 0:
            raise SkippedUpdateError("setting loss scale to: 64")
        return "log"

    with caplog.at_level("INFO"), metrics.aggregate(new_root=True):
        metrics.reset()
        assert half_precision.train_step(step, make_trainer("cpu"), 1.0) == "log"
        assert half_precision.train_step(step, make_trainer("cpu"), -1.0) is None
        metrics.log_scalar("loss", 100.0)  # of a validation, say
        train = metrics.get_smoothed_values("train")
    assert train["loss"] == 0 and train["loss_scale"] == 64
    assert "gradient overflow detected" in caplog.text and "64" in caplog.text
    metrics.reset()
