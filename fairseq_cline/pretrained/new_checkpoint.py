"""A checkpoint that no training has written: weights, and the configuration of their model."""

from typing import Any

from fairseq.criterions.masked_lm import MaskedLmConfig
from fairseq.criterions.sentence_prediction import SentencePredictionConfig as LossConfig
from fairseq.dataclass.configs import FairseqConfig
from fairseq.tasks.masked_lm import MaskedLMConfig
from fairseq.tasks.sentence_prediction import SentencePredictionConfig
from omegaconf import OmegaConf
from torch import Tensor

from fairseq_cline.model_bases.encoder_switches import leading_tokens

HEAD_NAME = "sentence_classification_head"


def new_checkpoint(
    model: dict[str, Any], weights: dict[str, Tensor], classes: int = 0
) -> dict[str, Any]:
    """The content of a checkpoint; all but the weights are plain values.

    Training starts from it as from a released model: it has no optimizer and no progress.

    Args:
        model: its options, ``_name`` and ``arch`` included.
        classes: number of the classes of its head; 0: a model for masked_lm.
    """
    positions = model["max_positions"]
    if classes:
        task = _plain(
            SentencePredictionConfig(
                data="",
                num_classes=classes,
                max_positions=positions,
                seed=1,
                **leading_tokens(model.get("hub_type", "roberta")),
                classification_head_name=HEAD_NAME,
                regression_target=classes == 1,
            ),
            "sentence_prediction",
        )
        loss = LossConfig(classification_head_name=HEAD_NAME, regression_target=classes == 1)
        criterion = _plain(loss, "sentence_prediction")
    else:
        task = _plain(MaskedLMConfig(data="", tokens_per_sample=positions, seed=1), "masked_lm")
        criterion = _plain(MaskedLmConfig(tpu=False), "masked_lm")
    return {
        "args": None,
        "cfg": {**_plain(FairseqConfig()), "task": task, "criterion": criterion, "model": model},
        "model": weights,
        "criterion": None,
        "optimizer_history": [
            {
                "criterion_name": "SentencePredictionCriterion" if classes else "MaskedLmLoss",
                "optimizer_name": "FairseqAdam",
                "lr_scheduler_state": {},
                "num_updates": 0,
            }
        ],
        "task_state": {},
        "extra_state": {"train_iterator": {"epoch": 1, "iterations_in_epoch": 0, "version": 2}},
    }


def _plain(config: Any, name: str | None = None) -> dict[str, Any]:
    found = OmegaConf.to_container(OmegaConf.structured(config), resolve=True, enum_to_str=True)
    return found if name is None else {**found, "_name": name}
