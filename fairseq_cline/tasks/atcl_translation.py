"""Translation with candidates for ATCL on the source, the target or both."""

from dataclasses import dataclass, field
from pathlib import Path

from fairseq import utils
from fairseq.dataclass import ChoiceEnum
from fairseq.tasks import register_task
from fairseq.tasks.translation import TranslationConfig, TranslationTask

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

    def load_dataset(self, split: str, epoch: int = 1, combine: bool = False, **kwargs):
        super().load_dataset(split, epoch, combine, **kwargs)
        folder = Path(utils.split_paths(self.cfg.data)[0])
        if self.cfg.perturb in ("source", "both"):
            self.datasets[split] = self.with_candidates(
                self.datasets[split],
                self.source_dictionary,
                folder / f"dict.{self.cfg.source_lang}.txt",
                key="source",
                input_key="src_tokens",
                side="encoder",
            )
        if self.cfg.perturb in ("target", "both"):
            self.datasets[split] = self.with_candidates(
                self.datasets[split],
                self.target_dictionary,
                folder / f"dict.{self.cfg.target_lang}.txt",
                key="target",
                input_key="prev_output_tokens",
                side="decoder",
                shift=1,
            )
