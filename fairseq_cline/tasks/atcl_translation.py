"""Translation with candidates for ATCL on the source, the target or both."""

import os
from dataclasses import dataclass, field
from functools import partial

from fairseq import utils
from fairseq.data import Dictionary, data_utils
from fairseq.dataclass import ChoiceEnum
from fairseq.tasks import register_task
from fairseq.tasks.translation import TranslationConfig, TranslationTask

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import load_dictionary
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.data.indexed_text import check_indexed_text, has_text, parts_of_split
from fairseq_cline.tasks.atcl import AtclTask, AtclTaskConfig


@dataclass
class AtclTranslationConfig(AtclTaskConfig, TranslationConfig):
    perturb: ChoiceEnum(["source", "target", "both"]) = field(
        default="source",
        metadata={
            "help": "whose word is perturbed: of the source (contrast of the encoder's output; the "
            "paper), of the target (contrast of the decoder's states), or one of each"
        },
    )


@register_task("atcl_translation", dataclass=AtclTranslationConfig)
class AtclTranslationTask(AtclTask, TranslationTask):
    """fairseq's `translation`, on its data-bins and with its options.

    With `--criterion atcl_label_smoothed_cross_entropy` it trains ATCL; with
    `label_smoothed_cross_entropy` the baseline, on the same batches.
    """

    cfg: AtclTranslationConfig
    databin_kind = "translation"

    @classmethod
    def setup_task(cls, cfg: AtclTranslationConfig, **kwargs) -> "AtclTranslationTask":
        if cfg.source_lang is None or cfg.target_lang is None:
            folder = utils.split_paths(cfg.data)[0]
            pair = data_utils.infer_language_pair(folder) if os.path.isdir(folder) else (None, None)
            if None in pair:
                raise InputError(
                    f"{folder} is no data-bin of two languages; give its folder, or --source-lang "
                    "and --target-lang"
                )
            cfg.source_lang, cfg.target_lang = pair
        databin = cls.open_databins(cfg)[0]
        databin.verify(*(f"dict.{lang}.txt" for lang in (cfg.source_lang, cfg.target_lang)))
        return super().setup_task(cfg, **kwargs)

    @classmethod
    def load_dictionary(cls, filename: str) -> Dictionary:
        return load_dictionary(filename, "give the folder of a data-bin")

    def load_dataset(self, split: str, epoch: int = 1, combine: bool = False, **kwargs):
        # Only training goes through the shards.
        shards = self.databins if split == self.cfg.train_subset else self.databins[:1]
        databin = shards[(epoch - 1) % len(shards)]
        name_of = partial(self._stored_name, databin)
        source = self.cfg.source_lang
        parts = parts_of_split(
            split, combine, lambda p: has_text(databin, f"{name_of(p)}.{source}")
        )
        for name in map(name_of, parts):
            self._check_pairs(databin, name)
        super().load_dataset(split, epoch, combine, **kwargs)
        if self.cfg.perturb in ("source", "both"):
            self.datasets[split] = self.with_candidates(
                self.datasets[split],
                self.src_dict,
                f"dict.{self.cfg.source_lang}.txt",
                key="source",
                input_key="src_tokens",
                side="encoder",
                left_pad=self.cfg.left_pad_source,
                are_sentences=True,
            )
        if self.cfg.perturb in ("target", "both"):
            self.datasets[split] = self.with_candidates(
                self.datasets[split],
                self.tgt_dict,
                f"dict.{self.cfg.target_lang}.txt",
                key="target",
                input_key="prev_output_tokens",
                side="decoder",
                left_pad=self.cfg.left_pad_target,
                are_sentences=True,
                shift=1,  # </s>
            )

    def _stored_name(self, databin: DatabinFolder, split: str) -> str:
        """The name of a split's files without the language; one serves both directions."""
        source, target = self.cfg.source_lang, self.cfg.target_lang
        names = [f"{split}.{source}-{target}", f"{split}.{target}-{source}"]
        there = (name for name in names if os.path.exists(databin.path(f"{name}.{source}.idx")))
        return next(there, names[0])

    def _check_pairs(self, databin: DatabinFolder, name: str) -> None:
        """Raises InputError when a side is missing or damaged, or they do not match."""
        lines = {}
        for lang, dictionary in (
            (self.cfg.source_lang, self.src_dict), (self.cfg.target_lang, self.tgt_dict)
        ):  # fmt: skip
            path = self.databins[0].path(f"dict.{lang}.txt")
            side = f"{name}.{lang}"
            lines[databin.path(side)] = check_indexed_text(databin, side, dictionary, path)
        (one, sentences), (other, others) = lines.items()
        if sentences != others:
            raise InputError(
                f"{one} has {sentences} sentences, but {other} {others}; make the data-bin again"
            )
