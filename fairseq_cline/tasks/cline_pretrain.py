"""Pre-training on triplets (CLINE), and on their originals alone (stock masked_lm)."""

import logging
from dataclasses import dataclass, field

from fairseq import utils
from fairseq.dataclass import FairseqDataclass
from fairseq.tasks import FairseqTask, register_task
from omegaconf import II, MISSING

from fairseq_cline.data.databin import DataBin
from fairseq_cline.data.masking import Masking
from fairseq_cline.data.triplets import TripletDataset
from fairseq_cline.errors import InputError

logger = logging.getLogger(__name__)


@dataclass
class ClinePretrainConfig(FairseqDataclass):
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
            "help": "longest sequence in sub-word tokens, <s> and </s> included (paper: 512); "
            "longer triplets are cut at a word boundary"
        },
    )
    mask_prob: float = field(
        default=0.15,
        metadata={"help": "share of the tokens to predict, 0 to 1 (BERT and the paper: 0.15)"},
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
    seed: int = II("common.seed")


@register_task("cline_pretrain", dataclass=ClinePretrainConfig)
class ClinePretrainTask(FairseqTask):
    """Aligned triplets by length in batches; `--max-tokens` counts all three sequences.

    With `--criterion cline` it trains CLINE, with `--criterion masked_lm` the baseline that sees
    the same originals in the same batches with the same masks.
    """

    cfg: ClinePretrainConfig

    def __init__(self, cfg: ClinePretrainConfig):
        super().__init__(cfg)
        _check_masking(cfg)
        self.databins = [DataBin(path) for path in utils.split_paths(cfg.data)]
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
    def setup_task(cls, cfg: ClinePretrainConfig, **kwargs):
        return cls(cfg)

    def load_dataset(self, split: str, epoch: int = 1, combine: bool = False, **kwargs) -> None:
        """Loads a split, of the epoch's shard; fairseq loads validation splits for epoch 1."""
        databin = self.databins[(epoch - 1) % len(self.databins)]
        self.datasets[split] = TripletDataset(
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
            ),
            self.cfg.tokens_per_sample,
            self.cfg.seed,
        )
        logger.info(f"{len(self.datasets[split]):,} triplets: {databin.path(split)}")

    def get_batch_iterator(self, dataset, max_tokens=None, max_positions=None, **kwargs):
        """fairseq's own, after a check that no triplet would be left out for its length."""
        longest = int(dataset.sizes.max())
        if max_tokens is not None and 3 * longest > max_tokens:
            raise InputError(
                f"--max-tokens {max_tokens} is too small: the longest triplet has {longest} "
                f"tokens, three times; set --max-tokens {3 * longest} or more, or a smaller "
                "--tokens-per-sample"
            )
        if max_positions is not None and longest > max_positions:
            raise InputError(
                f"the longest triplet has {longest} tokens, the model {max_positions} positions; "
                f"set --tokens-per-sample {max_positions}"
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


def _check_masking(cfg: ClinePretrainConfig) -> None:
    for flag, value in (
        ("--mask-prob", cfg.mask_prob),
        ("--leave-unmasked-prob", cfg.leave_unmasked_prob),
        ("--random-token-prob", cfg.random_token_prob),
        (
            "--leave-unmasked-prob plus --random-token-prob",
            cfg.leave_unmasked_prob + cfg.random_token_prob,
        ),
    ):
        if not 0.0 <= value <= 1.0:
            raise InputError(f"{flag} is {value}, but must be between 0 and 1")
    if cfg.tokens_per_sample < 3:
        raise InputError("--tokens-per-sample must be at least 3: <s>, one token and </s>")
