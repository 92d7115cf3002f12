"""The part that the tasks of ATCL share: which words are perturbed, and which are negatives."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from fairseq import utils
from fairseq.data import Dictionary, FairseqDataset
from fairseq.dataclass import ChoiceEnum, FairseqDataclass
from omegaconf import II

from data_prep.errors import InputError
from fairseq_cline.data.antonyms_file import Antonyms, antonym_path
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.data.candidates import CandidateDataset
from fairseq_cline.data.databin_folder import SKIP_HELP, DatabinFolder, open_shards
from fairseq_cline.option_ranges import at_least, check_options
from fairseq_cline.tasks.early_backward import EarlyBackward


@dataclass
class AtclTaskConfig(FairseqDataclass):
    num_negatives: int = field(
        default=10,
        metadata={
            "help": "random negatives of each contrast, >= 1 (n of Eq. 6; paper: 5, 10 and 20, of "
            "which 10 is the best on the Penn Treebank)"
        },
    )
    negatives: ChoiceEnum(["random", "semantic", "both"]) = field(
        default="random",
        metadata={
            "help": "negatives of the contrast: random: the states of --num-negatives other "
            "tokens of the batch (the paper), which is that of one worker; semantic: the state of "
            "the sentence with an antonym in the candidate's place (needs antonyms.txt beside the "
            "dictionary, and a third forward pass); both: all of these"
        },
    )
    skip_verification: bool = field(default=False, metadata={"help": SKIP_HELP})
    seed: int = II("common.seed")


class AtclTask(EarlyBackward):
    """Base of both tasks; a subclass names it before the fairseq task that it extends.

    Attributes:
        databin_kind: format that the manifest of a data-bin has, if there is one.
    """

    databin_kind: ClassVar[str]

    @classmethod
    def open_databins(cls, cfg: Any) -> list[DatabinFolder]:
        """The data-bins of the task, the first of which has the dictionaries.

        Raises:
            InputError: one is damaged, or does not fit the first.
        """
        folders = utils.split_paths(cfg.data)
        return open_shards(folders, cls.databin_kind, verify=not cfg.skip_verification)

    @cached_property
    def databins(self) -> list[DatabinFolder]:
        return self.open_databins(self.cfg)

    @classmethod
    def setup_task(cls, cfg: Any, **kwargs: Any) -> Any:
        """fairseq's own, after a check of the options.

        Raises:
            InputError: one is out of range.
        """
        check_options(cfg, num_negatives=at_least(1))
        return super().setup_task(cfg, **kwargs)

    def candidate_words(self, dictionary: Dictionary, path: Path) -> CandidateWords:
        """Raises InputError when no symbol of the dictionary is a complete word."""
        words = CandidateWords(dictionary)
        if not words.count:
            raise InputError(
                f"{path} has no complete words to perturb; ATCL needs words, SentencePiece or "
                "subword-nmt symbols (GPT-2's numbers are none)"
            )
        return words

    def with_candidates(
        self,
        dataset: FairseqDataset,
        dictionary: Dictionary,
        name: str,
        **settings: Any,
    ) -> CandidateDataset:
        """The dataset with the draws of one side, whose dictionary is the file `name`."""
        cfg, databin = self.cfg, self.databins[0]
        path, antonyms = Path(databin.path(name)), None
        if cfg.negatives != "random":
            databin.verify(antonym_path(path).name)
            antonyms = Antonyms(path, dictionary)
        return CandidateDataset(
            dataset,
            words=self.candidate_words(dictionary, path),
            num_negatives=0 if cfg.negatives == "semantic" else cfg.num_negatives,
            antonyms=antonyms,
            pad=dictionary.pad(),
            seed=cfg.seed,
            **settings,
        )
