"""Translation with candidates for ATCL on the source, the target or both."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from fairseq import utils
from fairseq.data import Dictionary, data_utils
from fairseq.dataclass import ChoiceEnum
from fairseq.tasks import register_task
from fairseq.tasks.translation import TranslationConfig, TranslationTask

from data_prep.errors import InputError
from fairseq_cline.data.indexed_text import check_dictionary, check_indexed_text
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
        return super().setup_task(cfg, **kwargs)

    @classmethod
    def load_dictionary(cls, filename: str) -> Dictionary:
        check_dictionary(filename)
        return super().load_dictionary(filename)

    def load_dataset(self, split: str, epoch: int = 1, combine: bool = False, **kwargs):
        source, target = self.cfg.source_lang, self.cfg.target_lang
        folders = utils.split_paths(self.cfg.data)
        paths = {lang: Path(folders[0], f"dict.{lang}.txt") for lang in (source, target)}
        # A data-bin serves both directions under the name of one.
        shards = folders if split == self.cfg.train_subset else folders[:1]
        prefix = os.path.join(shards[(epoch - 1) % len(shards)], split)
        pairs = [f"{source}-{target}", f"{target}-{source}"]
        pair = next((p for p in pairs if os.path.exists(f"{prefix}.{p}.{source}.idx")), pairs[0])
        sentences = {}
        for lang, dictionary in ((source, self.src_dict), (target, self.tgt_dict)):
            side = f"{prefix}.{pair}.{lang}"
            sentences[side] = check_indexed_text(side, dictionary, str(paths[lang]))
        (one, lines), (other, others) = sentences.items()
        if lines != others:
            raise InputError(
                f"{one} has {lines} sentences, but {other} {others}; make the data-bin again"
            )

        super().load_dataset(split, epoch, combine, **kwargs)
        if self.cfg.perturb in ("source", "both"):
            self.datasets[split] = self.with_candidates(
                self.datasets[split],
                self.src_dict,
                paths[source],
                key="source",
                input_key="src_tokens",
                side="encoder",
                are_sentences=True,
            )
        if self.cfg.perturb in ("target", "both"):
            self.datasets[split] = self.with_candidates(
                self.datasets[split],
                self.tgt_dict,
                paths[target],
                key="target",
                input_key="prev_output_tokens",
                side="decoder",
                are_sentences=True,
                shift=1,  # </s>
            )
