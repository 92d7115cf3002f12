"""Language modelling with candidates for ATCL."""

from dataclasses import dataclass
from pathlib import Path

from fairseq import utils
from fairseq.tasks import register_task
from fairseq.tasks.language_modeling import LanguageModelingConfig, LanguageModelingTask

from fairseq_cline.tasks.atcl import AtclTask, AtclTaskConfig


@dataclass
class AtclLmConfig(AtclTaskConfig, LanguageModelingConfig):
    pass


@register_task("atcl_lm", dataclass=AtclLmConfig)
class AtclLmTask(AtclTask, LanguageModelingTask):
    """fairseq's `language_modeling`, on its data-bins and with its options.

    With `--criterion atcl_cross_entropy` it trains ATCL; with `cross_entropy` or `adaptive_loss`
    the baseline, on the same batches. A "sentence" of the paper is a row of the batch: a block of
    `--tokens-per-sample` tokens, or with `--sample-break-mode eos` a sentence.
    """

    def __init__(self, args: AtclLmConfig, *dictionaries, **settings):
        super().__init__(args, *dictionaries, **settings)
        self.cfg = args  # fairseq's language modelling keeps its configuration under an old name

    def load_dataset(self, split: str, epoch: int = 1, combine: bool = False, **kwargs):
        super().load_dataset(split, epoch, combine, **kwargs)
        folder = utils.split_paths(self.cfg.data)[0]
        self.datasets[split] = self.with_candidates(
            self.datasets[split],
            self.source_dictionary,
            Path(folder, "dict.txt"),
            key="source",
            input_key="src_tokens",
            side="decoder",
        )
