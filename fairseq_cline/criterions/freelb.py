"""FreeLB (Zhu et al., 2020): adversarial fine-tuning of any classifier.

Letters: B examples, T tokens, C channels of the word embeddings.
"""

import contextlib
import functools
import math
from dataclasses import dataclass, field
from typing import Any

import torch
from fairseq.criterions import register_criterion
from fairseq.criterions.sentence_prediction import (
    SentencePredictionConfig,
    SentencePredictionCriterion,
)
from fairseq.dataclass import ChoiceEnum
from torch import Tensor, nn

from data_prep.errors import InputError
from fairseq_cline.criterions.step.input_gradients import (
    Backward,
    before_exchange,
    input_gradients,
)
from fairseq_cline.criterions.step.log_means import BITS, log_mean
from fairseq_cline.criterions.step.random_state import RandomState
from fairseq_cline.option_ranges import NOT_NEGATIVE, check_options
from fairseq_cline.perturb import changed_embeddings, fast_gradient, sign_gradient, within_ball


@dataclass
class FreeLbConfig(SentencePredictionConfig):
    adversarial_steps: int = field(
        default=3,
        metadata={
            "help": "forward and backward passes of an update, each with another perturbation, >= "
            "0 (K of algorithm 1; 0: plain fine-tuning; the authors' code runs 3 on MNLI, QNLI, "
            "QQP and SST-2, where it calls that 2; run/freelb.sh has their settings of all tasks)"
        },
    )
    adversarial_step_size: float = field(
        default=0.1,
        metadata={
            "help": "length of an ascent step, >= 0 (alpha of algorithm 1), in units of the word "
            "embeddings: of the whole example with --adversarial-norm l2, of each channel with "
            "linf (the authors' RoBERTa-large on MNLI: 0.1)"
        },
    )
    adversarial_init: float = field(
        default=0.1,
        metadata={
            "help": "magnitude of the random perturbation of the first step, >= 0: uniform in "
            "-init to init, with --adversarial-norm l2 divided by the square root of the number "
            "of values, so that init is its greatest norm (the authors' RoBERTa-large on MNLI: 0.1)"
        },
    )
    adversarial_max_norm: float = field(
        default=0.3,
        metadata={
            "help": "greatest norm of a perturbation, >= 0 (epsilon of algorithm 1; 0: no bound; "
            "the authors' RoBERTa-large on MNLI: 0.3)"
        },
    )
    adversarial_norm: ChoiceEnum(["l2", "linf"]) = field(
        default="l2",
        metadata={
            "help": "norm of step and bound: l2: of the whole example (the paper's Frobenius "
            "norm); linf: the greatest channel of a token"
        },
    )


@register_criterion("freelb", dataclass=FreeLbConfig)
class FreeLbCriterion(SentencePredictionCriterion):
    """Algorithm 1: the mean of the losses at K perturbations, each one ascent step further.

    The dropout masks of an update's K passes are the same. Outside training, or with K = 0, this
    is fairseq's `sentence_prediction`.

    Tasks with `EarlyBackward` let each pass add its gradients at once: K plain steps, and the
    memory of one. Under others the K graphs are kept for one joint backward pass; the gradients
    are the same.

    Logged: `loss` and `accuracy` are means over the K passes; `adversarial_loss` is the loss of
    the last one, `loss_rise` what it is above the first one's (in the unit of `loss`), and
    `delta_norm` the norm of its perturbations.
    """

    early_backward = True

    def __init__(self, cfg: FreeLbConfig, task: Any):
        super().__init__(cfg, task)
        check_options(
            cfg,
            adversarial_steps=NOT_NEGATIVE,
            adversarial_step_size=NOT_NEGATIVE,
            adversarial_init=NOT_NEGATIVE,
            adversarial_max_norm=NOT_NEGATIVE,
        )
        self.cfg = cfg

    def forward(
        self,
        model: Any,
        sample: dict,
        reduce: bool = True,
        backward: Backward | None = None,
    ):
        """Returns the loss (nats), its sample size and the figures to log.

        Args:
            backward: runs the backward pass of a loss at once. What is returned is then the share
                of the last pass alone.
        """
        steps = self.cfg.adversarial_steps
        if not steps or not model.training:
            return super().forward(model, sample, reduce)
        layer = _word_embeddings(model)
        real = sample["net_input"]["src_tokens"].ne(self.padding_idx).unsqueeze(2)  # (B, T, 1)
        delta = self._first_perturbation(real, layer.weight)
        random_state = RandomState(real.device)

        losses, logs = [], []
        for step in range(1, steps + 1):
            is_last = step == steps
            if step > 1:
                random_state.restore()
            delta.requires_grad_(not is_last)
            with contextlib.nullcontext() if is_last else before_exchange(model, backward):
                with changed_embeddings(layer, 0, functools.partial(_shifted, delta=delta)):
                    loss, sample_size, log = super().forward(model, sample, reduce)
                losses.append(loss / steps)
                logs.append(log)
                if not is_last:
                    (gradient,) = input_gradients(
                        losses[-1], [delta], backward, "--task clld_classification"
                    )
                    delta = self._ascended(delta, gradient.masked_fill(~real, 0.0))
        return (
            losses[-1] if backward else sum(losses),
            sample_size,
            self._summary(logs, delta),
        )

    def _first_perturbation(self, real: Tensor, weight: Tensor) -> Tensor:
        """(B, T, C) uniform noise, 0 on padding; in single precision whatever the model's."""
        magnitude = self.cfg.adversarial_init
        noise = torch.empty(
            *real.shape[:2],
            weight.size(1),
            dtype=torch.promote_types(weight.dtype, torch.float32),
            device=real.device,
        ).uniform_(-magnitude, magnitude, generator=_generator(real.device))
        if self.cfg.adversarial_norm == "l2":
            values = real.sum(dim=1, keepdim=True) * weight.size(1)  # (B, 1, 1)
            noise = noise / values.clamp(min=1).sqrt()
        return self._bounded(noise * real)

    def _ascended(self, delta: Tensor, gradient: Tensor) -> Tensor:
        step = fast_gradient if self.cfg.adversarial_norm == "l2" else sign_gradient
        rows = step(gradient.flatten(1), self.cfg.adversarial_step_size)
        return self._bounded(delta.detach() + rows.view_as(delta))

    def _bounded(self, delta: Tensor) -> Tensor:
        radius = self.cfg.adversarial_max_norm
        if not radius:
            return delta
        return within_ball(delta.flatten(1), radius, self.cfg.adversarial_norm).view_as(delta)

    def _summary(self, logs: list[dict], delta: Tensor) -> dict:
        """The logging output: stock's sums as means over the K passes, and FreeLB's own figures."""
        first, last = logs[0], logs[-1]
        means = {
            key: sum(log[key] for log in logs) / len(logs)
            for key in ("loss", "ncorrect")
            if key in last
        }
        norms = torch.linalg.vector_norm(delta.flatten(1), _ORDER[self.cfg.adversarial_norm], dim=1)
        return {
            **last,
            **means,
            "adversarial_loss": last["loss"],
            "loss_rise": last["loss"] - first["loss"],
            # A regression may have several targets an example.
            "delta_norm": norms.mean() * last["sample_size"],
        }

    @staticmethod
    def reduce_metrics(logging_outputs: list[dict]) -> None:
        """Turns the sums of all workers and micro-batches into what is logged."""
        SentencePredictionCriterion.reduce_metrics(logging_outputs)
        if not logging_outputs or "adversarial_loss" not in logging_outputs[0]:
            return  # validation, or K = 0
        for key, factor in (("adversarial_loss", BITS), ("loss_rise", BITS), ("delta_norm", 1.0)):
            log_mean(logging_outputs, key, "sample_size", factor, digits=4)


_ORDER = {"l2": 2, "linf": math.inf}


def _shifted(embeddings: Tensor, delta: Tensor) -> Tensor:
    """The embeddings (B, T, C) with the perturbation added, if both have one shape.

    Where a model calls the layer for something else first, the shapes differ.
    """
    if embeddings.shape != delta.shape:
        raise InputError(
            "the first call of embed_tokens does not embed src_tokens: its output is "
            f"{tuple(embeddings.shape)}, not {tuple(delta.shape)}; use another --arch"
        )
    return embeddings + delta.to(embeddings)


def _word_embeddings(model: nn.Module) -> nn.Embedding:
    """The layer whose output is perturbed; both sides of a translation model may share it."""
    found = {
        module
        for name, module in model.named_modules(remove_duplicate=False)
        if name.rpartition(".")[2] == "embed_tokens" and isinstance(module, nn.Embedding)
    }
    if len(found) != 1:
        raise InputError(
            f"--criterion freelb perturbs the one nn.Embedding called embed_tokens, but this "
            f"--arch has {len(found)}; use another, for example roberta_base"
        )
    return found.pop()


def _generator(device: torch.device) -> torch.Generator:
    """Random numbers for the noise, others on each worker: the trainer seeds all workers alike."""
    rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
    seed = int(torch.randint(2**31, ()))  # on the CPU: the device is not waited for
    return torch.Generator(device).manual_seed(seed + rank)
