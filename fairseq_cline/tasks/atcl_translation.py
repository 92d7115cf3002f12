"""Translation with candidates for ATCL on the source, the target or both."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from fairseq import utils
from fairseq.data import Dictionary
from fairseq.dataclass import ChoiceEnum
from fairseq.tasks import register_task
from fairseq.tasks.translation import TranslationConfig, TranslationTask

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
    def load_dictionary(cls, filename: str) -> Dictionary:
        check_dictionary(filename)
        return super().load_dictionary(filename)

    def load_dataset(self, split: str, epoch: int = 1, combine: bool = False, **kwargs):
        source, target = self.cfg.source_lang, self.cfg.target_lang
        folders = utils.split_paths(self.cfg.data)
        paths = {lang: Path(folders[0], f"dict.{lang}.txt") for lang in (source, target)}
        # A data-bin serves both directions under the name of one.
        prefix = os.path.join(folders[(epoch - 1) % len(folders)], split)
        pairs = [f"{source}-{target}", f"{target}-{source}"]
        pair = next((p for p in pairs if os.path.exists(f"{prefix}.{p}.{source}.idx")), pairs[0])
        for lang, dictionary in ((source, self.src_dict), (target, self.tgt_dict)):
            check_indexed_text(f"{prefix}.{pair}.{lang}", dictionary, str(paths[lang]))

        super().load_dataset(split, epoch, combine, **kwargs)
        if self.cfg.perturb in ("source", "both"):
            self.datasets[split] = self.with_candidates(
                self.datasets[split],
                self.src_dict,
                paths[source],
                key="source",
                input_key="src_tokens",
                side="encoder",
            )
        if self.cfg.perturb in ("target", "both"):
            self.datasets[split] = self.with_candidates(
                self.datasets[split],
                self.tgt_dict,
                paths[target],
                key="target",
                input_key="prev_output_tokens",
                side="decoder",
                shift=1,  # </s>
            )
