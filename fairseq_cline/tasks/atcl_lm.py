"""Language modeling with candidates for ATCL."""

import logging
from dataclasses import dataclass
from functools import partial

from fairseq.data import TruncatedDictionary
from fairseq.tasks import register_task
from fairseq.tasks.language_modeling import LanguageModelingConfig, LanguageModelingTask

from fairseq_cline.data.indexed_text import check_indexed_text, has_text, parts_of_split
from fairseq_cline.tasks.atcl import AtclTask, AtclTaskConfig

logger = logging.getLogger(__name__)

DICTIONARY = "dict.txt"


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

    databin_kind = "language-modeling"

    def __init__(self, args: AtclLmConfig, *dictionaries, **settings):
        super().__init__(args, *dictionaries, **settings)
        self.cfg = args  # fairseq's language modeling keeps its configuration under an old name

    @classmethod
    def setup_dictionary(cls, args: AtclLmConfig, **kwargs):
        """The dictionary of the data-bin and that of the predictions, as fairseq has them.

        Raises:
            InputError: there is none, or it is damaged.
        """
        dictionary = cls.open_databins(args)[0].dictionary(DICTIONARY)
        logger.info(f"dictionary: {len(dictionary):,} symbols")
        if args.output_dictionary_size < 0:
            return dictionary, dictionary
        return dictionary, TruncatedDictionary(dictionary, args.output_dictionary_size)

    def load_dataset(self, split: str, epoch: int = 1, combine: bool = False, **kwargs):
        databin = self.databins[(epoch - 1) % len(self.databins)]
        path = self.databins[0].path(DICTIONARY)
        for part in parts_of_split(split, combine, partial(has_text, databin)):
            check_indexed_text(databin, part, self.source_dictionary, path)
        super().load_dataset(split, epoch, combine, **kwargs)
        self.datasets[split] = self.with_candidates(
            self.datasets[split],
            self.source_dictionary,
            DICTIONARY,
            key="source",
            input_key="src_tokens",
            side="decoder",
        )
