"""Pre-training on triplets (CLINE), and on their originals alone (stock masked_lm)."""

from argparse import Namespace
from dataclasses import dataclass

from fairseq.tasks import register_task
from omegaconf import DictConfig

from data_prep.errors import InputError
from fairseq_cline.data.triplet_dataset import TripletDataset
from fairseq_cline.tasks.masked_pretrain import MaskedPretrainConfig, MaskedPretrainTask


@dataclass
class ClinePretrainConfig(MaskedPretrainConfig):
    """The method's settings are the criterion's."""


@register_task("cline_pretrain", dataclass=ClinePretrainConfig)
class ClinePretrainTask(MaskedPretrainTask):
    """Triplets: with `--criterion cline` it trains CLINE, with `masked_lm` its baseline."""

    dataset_class = TripletDataset

    def build_model(self, cfg: Namespace | DictConfig, from_checkpoint: bool = False):
        """fairseq's own; with --consistency-weight it gets a frozen copy of its encoder.

        Raises:
            InputError: the model has no place for a copy.
        """
        model = super().build_model(cfg, from_checkpoint)
        if _consistency_weight(cfg):
            if not hasattr(model, "add_reference"):
                raise InputError("--consistency-weight needs a model with --arch cline_...")
            model.add_reference()
        return model


def _consistency_weight(model: Namespace | DictConfig) -> float:
    """The weight among the options of the run that the options of a model are a part of.

    Arguments of the command line are all in one place; in hydra's runs the criterion has its own.
    Other criterions have no such weight.
    """
    if isinstance(model, Namespace):
        return getattr(model, "consistency_weight", 0.0)
    return (model._get_root().get("criterion") or {}).get("consistency_weight", 0.0)
