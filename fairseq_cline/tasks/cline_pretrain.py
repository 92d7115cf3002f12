"""Pre-training on triplets (CLINE), and on their originals alone (stock masked_lm)."""

from dataclasses import dataclass

from fairseq.tasks import register_task

from fairseq_cline.data.triplet_dataset import TripletDataset
from fairseq_cline.tasks.masked_pretrain import MaskedPretrainConfig, MaskedPretrainTask


@dataclass
class ClinePretrainConfig(MaskedPretrainConfig):
    """The method's settings are the criterion's."""


@register_task("cline_pretrain", dataclass=ClinePretrainConfig)
class ClinePretrainTask(MaskedPretrainTask):
    """Triplets: with `--criterion cline` it trains CLINE, with `masked_lm` its baseline."""

    dataset_class = TripletDataset
