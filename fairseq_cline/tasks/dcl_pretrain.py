"""Pre-training on pairs of original and synonym (DCL), and its masked-LM baseline."""

from dataclasses import dataclass, field
from typing import Any, Optional

from fairseq.dataclass import ChoiceEnum
from fairseq.logging import metrics
from fairseq.tasks import register_task
from omegaconf import II

from data_prep.errors import InputError
from fairseq_cline.data.pair_dataset import PairDataset
from fairseq_cline.option_ranges import NOT_NEGATIVE, SHARE, at_least, check_options
from fairseq_cline.tasks.masked_pretrain import MaskedPretrainConfig, MaskedPretrainTask


@dataclass
class DclPretrainConfig(MaskedPretrainConfig):
    momentum: float = field(
        default=0.996,
        metadata={
            "help": "share of its own weights that the momentum network keeps in an update, 0 to "
            "1 (tau of Eq. 7; its authors' code, like BYOL: 0.996; --optimizer sgd "
            "and nag have an option of the same name)"
        },
    )
    momentum_schedule: ChoiceEnum(["constant", "cosine"]) = field(
        default="constant",
        metadata={
            "help": "constant: --momentum in every update (the paper names no schedule); cosine: "
            "from --momentum to 1 at --max-update (BYOL)"
        },
    )
    projection_norm: ChoiceEnum(["power", "batch", "none"]) = field(
        default="power",
        metadata={
            "help": "normalization inside the projection and the prediction MLP: power "
            "normalization (the paper's DCL), batch normalization or none (its figure 3; with "
            "none the features collapse)"
        },
    )
    projection_dim: int = field(
        default=128,
        metadata={
            "help": "channels of the projections that are aligned, > 0 (the authors' code: 128; "
            "BYOL: 256)"
        },
    )
    projection_hidden_dim: int = field(
        default=512,
        metadata={
            "help": "channels of the hidden layer of the projection and the prediction MLP, > 0 "
            "(the authors' code: 512 for an encoder of 768; BYOL: 4096 for 2048)"
        },
    )
    power_norm_warmup: int = field(
        default=1000,
        metadata={
            "help": "training steps of power normalization with the statistics of the batch, "
            "before it uses the running ones, >= 0; each batch of --update-freq is a step "
            "(the authors' code: 1000; Shen et al.'s: 10000)"
        },
    )
    criterion_name: str = II("criterion._name")
    max_update: int = II("optimization.max_update")
    # Optional: fairseq's parser does not know `|`.
    optimizer: Optional[str] = II("optimizer._name")  # noqa: UP045


@register_task("dcl_pretrain", dataclass=DclPretrainConfig)
class DclPretrainTask(MaskedPretrainTask):
    """Pairs: with `--criterion dcl` it trains DCL, with `masked_lm` its baseline.

    The baseline has no projection, no momentum network and no use for the synonyms.
    """

    cfg: DclPretrainConfig
    dataset_class = PairDataset

    def __init__(self, cfg: DclPretrainConfig):
        _check_alignment(cfg)
        super().__init__(cfg)
        self.aligns = cfg.criterion_name == "dcl"

    def build_model(self, cfg, from_checkpoint: bool = False):
        model = super().build_model(cfg, from_checkpoint)
        if self.aligns:
            if not hasattr(model, "add_alignment"):
                raise InputError("--criterion dcl needs a model with --arch dcl_roberta_...")
            cosine = self.cfg.momentum_schedule == "cosine"
            model.add_alignment(
                projection_dim=self.cfg.projection_dim,
                hidden_dim=self.cfg.projection_hidden_dim,
                norm=self.cfg.projection_norm,
                norm_warmup=self.cfg.power_norm_warmup,
                momentum=self.cfg.momentum,
                cosine_updates=self.cfg.max_update if cosine else None,
            )
        return model

    def train_step(self, sample, model, criterion, optimizer, update_num, ignore_grad=False):
        """fairseq's own, after the momentum network has followed the last update."""
        if self.aligns:
            model.expect_loss_scale(_loss_scale(optimizer))
            momentum = model.follow_update(update_num)
            metrics.log_scalar("momentum", momentum, weight=0, round=5)
        return super().train_step(sample, model, criterion, optimizer, update_num, ignore_grad)


def _loss_scale(optimizer: Any) -> float:
    """Factor of the loss in the optimizer's backward passes: that of fp16 or amp, else 1."""
    scaler = getattr(optimizer, "scaler", None)
    if scaler is None:
        return 1.0
    return float(scaler.get_scale() if hasattr(scaler, "get_scale") else scaler.loss_scale)


def _check_alignment(cfg: DclPretrainConfig) -> None:
    check_options(
        cfg,
        momentum=SHARE,
        projection_dim=at_least(1),
        projection_hidden_dim=at_least(1),
        power_norm_warmup=NOT_NEGATIVE,
    )
    if cfg.momentum_schedule == "cosine" and cfg.max_update <= 0:
        raise InputError("--momentum-schedule cosine ends at --max-update; set it")
    if cfg.criterion_name == "dcl" and cfg.optimizer in ("sgd", "nag"):
        raise InputError(
            f"--optimizer {cfg.optimizer} has a --momentum of its own; use another, such as adam"
        )
