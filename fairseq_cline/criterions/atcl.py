"""ATCL (Rim et al., 2021) around any criterion: adversarial loss and contrast."""

from dataclasses import dataclass, field
from typing import Any

import torch
from fairseq.criterions import FairseqCriterion
from fairseq.dataclass import ChoiceEnum, FairseqDataclass
from torch import Tensor

from fairseq_cline.criterions.step.candidate_contrast import (
    contrast_at_candidates,
    states_with_antonyms,
)
from fairseq_cline.criterions.step.candidate_perturbation import (
    attacked_sentences,
    candidates_of,
    perturbation,
    perturbation_log,
)
from fairseq_cline.criterions.step.input_gradients import (
    Backward,
    before_exchange,
    input_gradients,
)
from fairseq_cline.criterions.step.log_means import BITS, log_mean
from fairseq_cline.criterions.step.observed_model import ObservedModel, ReplayedModel
from fairseq_cline.criterions.step.random_state import RandomState
from fairseq_cline.option_ranges import NOT_NEGATIVE, POSITIVE, check_options


@dataclass
class AtclConfig(FairseqDataclass):
    adversarial_epsilon: float = field(
        default=0.03,
        metadata={
            "help": "length of the perturbation of a word's embedding, >= 0 (epsilon of Eq. 1; "
            "paper: 0.03)"
        },
    )
    relative_epsilon: bool = field(
        default=False,
        metadata={
            "help": "take --adversarial-epsilon as a share of the length of the word's embedding "
            "(the paper's is absolute)"
        },
    )
    adversarial_weight: float = field(
        default=0.1,
        metadata={
            "help": "weight of the loss of the perturbed sentences, >= 0 (alpha of Eq. 7; paper: "
            "0.1)"
        },
    )
    contrastive_weight: float = field(
        default=0.1,
        metadata={
            "help": "weight of the contrast, >= 0 (beta of Eq. 7; paper: 0.1; 0 is the paper's "
            "row 'Adv. only')"
        },
    )
    contrastive_temperature: float = field(
        default=0.07,
        metadata={"help": "temperature of the contrast, > 0 (tau of Eq. 6; paper: 0.07)"},
    )
    contrastive_denominator: ChoiceEnum(["negatives", "all"]) = field(
        default="negatives",
        metadata={
            "help": "terms of the denominator of Eq. 6: negatives (as printed), or all: the "
            "positive too (InfoNCE)"
        },
    )
    contrastive_normalization: ChoiceEnum(["mean", "sum"]) = field(
        default="mean",
        metadata={
            "help": "how the contrast is weighed against the loss: mean: its mean over the "
            "candidates against the mean over the tokens, so that beta means the same for every "
            "sentence length; sum: one term a sentence against the sum over its tokens (Eq. 7 "
            "read literally: beta counts 1 / T of that)"
        },
    )
    detach_anchor: bool = field(
        default=False,
        metadata={
            "help": "no gradient from the contrast into the unperturbed states: a step costs 2 "
            "plain steps instead of 7/3 (the paper: with gradient)"
        },
    )
    same_dropout: bool = field(
        default=False,
        metadata={
            "help": "the same dropout masks in both passes, so that their states differ by the "
            "perturbation alone (the paper does not say; default: fresh masks)"
        },
    )


class AtclCriterion(FairseqCriterion):
    """Eq. 7: L + alpha L_adv + beta L_cont, where L is the loss of a stock criterion.

    Outside training, or with both weights 0, this is the stock criterion. A training step is

    1. a forward pass, and the gradient of L at the embedding of each candidate;
    2. a forward pass with that embedding moved by epsilon along its gradient (Eq. 1): L_adv is
       the stock loss of the sentences that have a candidate;
    3. the contrast of the two states at the candidate's place with states of other places
       (Eq. 6), and, if the batch has antonyms, with the state of a third pass in which an antonym
       stands in the candidate's place.

    L and L_adv are sums over tokens, which the trainer divides by their number. See
    `contrastive_normalization` for how the contrast joins them.

    Logged beside the stock criterion's figures, which are those of the unperturbed sentences:
    `adversarial_loss` (bits a token), `contrastive_loss` (bits), `positive_cosine`,
    `delta_norm`, `candidate_share` of the sentences, `loss_rise` (bits a perturbed sentence; with
    fresh dropout masks it contains their noise).
    """

    def __init__(self, cfg: AtclConfig, task: Any, stock: FairseqCriterion):
        super().__init__(task)
        check_options(
            cfg,
            adversarial_epsilon=NOT_NEGATIVE,
            adversarial_weight=NOT_NEGATIVE,
            contrastive_weight=NOT_NEGATIVE,
            contrastive_temperature=POSITIVE,
        )
        self.cfg = cfg
        self.stock = stock

    @property
    def early_backward(self) -> bool:
        """Whether the task gives `backward`: a detached anchor needs no graph after that of L."""
        return self.cfg.detach_anchor

    def task_loss(self, model: Any, sample: dict, reduce: bool = True):
        """Summed loss, sample size and log of the stock criterion."""
        return self.stock(model, sample, reduce=reduce)

    def forward(
        self,
        model: Any,
        sample: dict,
        reduce: bool = True,
        backward: Backward | None = None,
    ):
        """Returns the loss (nats), its sample size and the figures to log.

        Args:
            backward: with a detached anchor: runs the backward pass of L at once. The gradient of
                the embeddings is then a by-product, and the loss that is returned lacks L.
        """
        cfg = self.cfg
        weights = (cfg.adversarial_weight, cfg.contrastive_weight)
        if not model.training or not any(weights):
            return self.task_loss(model, sample, reduce)
        candidates = candidates_of(sample)
        random_state = RandomState(sample["target"].device) if cfg.same_dropout else None

        clean = ObservedModel(model, list(candidates))
        with before_exchange(model, backward):
            loss, sample_size, log = self.task_loss(clean, sample)
            embeddings = list(clean.embeddings.values())
            gradients = input_gradients(loss, embeddings, backward, "--detach-anchor")
        shifts = perturbation(
            candidates, clean.embeddings, gradients, cfg.adversarial_epsilon, cfg.relative_epsilon
        )

        if random_state:
            random_state.restore()
        perturbed = ObservedModel(model, list(candidates), shifts)
        attacked, is_whole = attacked_sentences(sample, candidates, self.padding_idx)
        adversarial, _, _ = self.task_loss(perturbed, attacked)
        contrast, contrast_log = self._contrast(model, clean, perturbed, sample, candidates)

        if cfg.contrastive_normalization == "mean":
            contrast = contrast / contrast_log["contrastive_anchors"].clamp(min=1) * sample_size
        total = weights[0] * adversarial + weights[1] * contrast
        if backward is None:
            total = total + loss
        log.update(contrast_log)
        log.update(self._adversarial_log(loss, adversarial, clean, attacked, is_whole))
        log.update(perturbation_log(shifts, sample))
        return total, sample_size, log

    def _contrast(
        self, model: Any, clean: ObservedModel, perturbed: ObservedModel, sample: dict, candidates
    ) -> tuple[Tensor, dict]:
        """Sum of Eq. 6; of weight 0, it is only logged, and antonyms cost no pass."""
        cfg, states, replaced = self.cfg, clean.states, None
        if cfg.detach_anchor:
            states = {side: state.detach() for side, state in states.items()}
        if cfg.contrastive_weight and any("antonyms" in c for c in candidates.values()):
            with torch.set_grad_enabled(not cfg.detach_anchor):
                replaced = states_with_antonyms(model, sample["net_input"], candidates)
        with torch.set_grad_enabled(cfg.contrastive_weight > 0):
            return contrast_at_candidates(
                candidates,
                states,
                perturbed.states,
                replaced,
                cfg.contrastive_temperature,
                positive_in_denominator=cfg.contrastive_denominator == "all",
            )

    def _adversarial_log(self, loss, adversarial, clean, attacked, is_whole: bool) -> dict:
        before = loss
        if not is_whole:
            with torch.no_grad():
                before, _, _ = self.task_loss(ReplayedModel(clean), attacked)
        return {
            "adversarial_loss": adversarial.data,
            "adversarial_tokens": attacked["target"].ne(self.padding_idx).sum(),
            "loss_rise": (adversarial - before).data,
        }

    @staticmethod
    def reduce_step_metrics(logging_outputs: list[dict]) -> None:
        """Turns the sums of all workers and micro-batches into what is logged."""
        if not logging_outputs or "adversarial_loss" not in logging_outputs[0]:
            return  # validation, or both weights 0
        for key, count, factor in (
            ("adversarial_loss", "adversarial_tokens", BITS),
            ("contrastive_loss", "contrastive_anchors", BITS),
            ("positive_cosine", "candidates", 1.0),
            ("delta_norm", "candidates", 1.0),
            ("loss_rise", "candidates", BITS),
            ("candidate_share", "places", 1.0),
        ):
            log_mean(logging_outputs, key, count, factor, digits=4)

    @staticmethod
    def logging_outputs_can_be_summed() -> bool:
        return True
