"""Language modeling with candidates for ATCL."""

import os
from dataclasses import dataclass
from pathlib import Path

from fairseq import utils
from fairseq.tasks import register_task
from fairseq.tasks.language_modeling import LanguageModelingConfig, LanguageModelingTask

from fairseq_cline.data.indexed_text import check_dictionary, check_indexed_text
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
        self.cfg = args  # fairseq's language modeling keeps its configuration under an old name

    @classmethod
    def setup_dictionary(cls, args: AtclLmConfig, **kwargs):
        check_dictionary(_dictionary_path(args))
        return super().setup_dictionary(args, **kwargs)

    def load_dataset(self, split: str, epoch: int = 1, combine: bool = False, **kwargs):
        path = _dictionary_path(self.cfg)
        folders = utils.split_paths(self.cfg.data)
        folder = folders[(epoch - 1) % len(folders)]
        check_indexed_text(os.path.join(folder, split), self.source_dictionary, path)
        super().load_dataset(split, epoch, combine, **kwargs)
        self.datasets[split] = self.with_candidates(
            self.datasets[split],
            self.source_dictionary,
            Path(path),
            key="source",
            input_key="src_tokens",
            side="decoder",
        )


def _dictionary_path(cfg: AtclLmConfig) -> str:
    return os.path.join(utils.split_paths(cfg.data)[0], "dict.txt")
