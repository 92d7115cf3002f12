"""Base of the pre-training tasks on a data-bin of triplets: data, masking and batches."""

import logging
from dataclasses import dataclass, field
from typing import ClassVar

from fairseq import utils
from fairseq.dataclass import FairseqDataclass
from fairseq.tasks import FairseqTask
from omegaconf import II, MISSING

from data_prep.errors import InputError
from fairseq_cline.data.aligned_dataset import AlignedDataset
from fairseq_cline.data.databin_folder import SKIP_HELP
from fairseq_cline.data.masking import Masking
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.option_ranges import SHARE, at_least, check_options

logger = logging.getLogger(__name__)


@dataclass
class MaskedPretrainConfig(FairseqDataclass):
    data: str = field(
        default=MISSING,
        metadata={
            "help": "data-bin of `python -m data_prep.make_triplets`; several joined by ':' are "
            "shards: epoch n trains on the n-th and begins again after the last, validation is "
            "always on the first"
        },
    )
    tokens_per_sample: int = field(
        default=512,
        metadata={
            "help": "longest sequence in sub-word tokens, <s> and </s> included (RoBERTa and "
            "CLINE: 512); longer examples are cut at a word boundary"
        },
    )
    mask_prob: float = field(
        default=0.15,
        metadata={"help": "share of the tokens to predict, 0 to 1 (BERT and CLINE: 0.15)"},
    )
    leave_unmasked_prob: float = field(
        default=0.1,
        metadata={"help": "share of these that stay visible, 0 to 1 (BERT: 0.1)"},
    )
    random_token_prob: float = field(
        default=0.1,
        metadata={
            "help": "share of these that become a random token, 0 to 1; the rest becomes <mask> "
            "(BERT: 0.1)"
        },
    )
    skip_verification: bool = field(default=False, metadata={"help": SKIP_HELP})
    seed: int = II("common.seed")


class MaskedPretrainTask(FairseqTask):
    """Aligned sequences by length in batches; `--max-tokens` counts all of an example.

    With `--criterion masked_lm` a task of this kind trains the baseline that sees the same
    originals in the same batches with the same masks.
    """

    cfg: MaskedPretrainConfig
    dataset_class: ClassVar[type[AlignedDataset]]

    def __init__(self, cfg: MaskedPretrainConfig):
        super().__init__(cfg)
        _check_masking(cfg)
        verify = not cfg.skip_verification
        self.databins = [DataBin(path, verify) for path in utils.split_paths(cfg.data)]
        first = self.databins[0]
        for other in self.databins[1:]:
            if other.dictionary != first.dictionary:
                raise InputError(
                    f"{other.path('dict.txt')} differs from {first.path('dict.txt')}; shards "
                    "must be made with one dictionary"
                )
        self.dictionary = first.dictionary
        self.mask_index = self.dictionary.add_symbol("<mask>")
        logger.info(f"dictionary: {len(self.dictionary):,} symbols")

    @classmethod
    def setup_task(cls, cfg: MaskedPretrainConfig, **kwargs):
        return cls(cfg)

    def load_dataset(self, split: str, epoch: int = 1, combine: bool = False, **kwargs) -> None:
        """Loads a split, of the epoch's shard; fairseq loads validation splits for epoch 1."""
        databin = self.databins[(epoch - 1) % len(self.databins)]
        dataset = self.datasets[split] = self.dataset_class(
            databin.split(split),
            self.dictionary,
            databin.word_begin,
            Masking(
                mask_prob=self.cfg.mask_prob,
                leave_unmasked_prob=self.cfg.leave_unmasked_prob,
                random_token_prob=self.cfg.random_token_prob,
                specials=self.dictionary.nspecial,
                mask=self.mask_index,
                pad=self.dictionary.pad(),
                symbols=len(self.dictionary),
            ),
            self.cfg.tokens_per_sample,
            self.cfg.seed,
        )
        logger.info(f"{len(dataset):,} {dataset.example}s: {databin.path(split)}")

    def get_batch_iterator(self, dataset, max_tokens=None, max_positions=None, **kwargs):
        """fairseq's own, after a check that no example would be left out for its length."""
        longest, sequences = int(dataset.sizes.max()), len(dataset.sequences)
        if max_tokens is not None and sequences * longest > max_tokens:
            raise InputError(
                f"--max-tokens {max_tokens} is too small: the longest {dataset.example} has "
                f"{longest} tokens, in each of {sequences} sequences; set --max-tokens "
                f"{sequences * longest} or more, or a smaller --tokens-per-sample"
            )
        if max_positions is not None and longest > max_positions:
            raise InputError(
                f"the longest {dataset.example} has {longest} tokens, the model {max_positions} "
                f"positions; set --tokens-per-sample {max_positions}"
            )
        return super().get_batch_iterator(
            dataset, max_tokens=max_tokens, max_positions=max_positions, **kwargs
        )

    def max_positions(self) -> int:
        return self.cfg.tokens_per_sample

    @property
    def source_dictionary(self):
        return self.dictionary

    @property
    def target_dictionary(self):
        return self.dictionary


def _check_masking(cfg: MaskedPretrainConfig) -> None:
    check_options(
        cfg,
        mask_prob=SHARE,
        leave_unmasked_prob=SHARE,
        random_token_prob=SHARE,
        tokens_per_sample=at_least(3, " (<s>, one token and </s>)"),
    )
    SHARE.check(
        "--leave-unmasked-prob plus --random-token-prob",
        cfg.leave_unmasked_prob + cfg.random_token_prob,
    )
