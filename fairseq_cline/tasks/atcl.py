"""The part that the tasks of ATCL share: which words are perturbed, and which are negatives."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairseq.data import Dictionary, FairseqDataset
from fairseq.dataclass import ChoiceEnum, FairseqDataclass
from omegaconf import II

from data_prep.errors import InputError
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.data.candidates import Antonyms, CandidateDataset
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
            "tokens of the batch (the paper); semantic: the state of the sentence with an antonym "
            "in the candidate's place (needs antonyms.txt beside the dictionary, and a third "
            "forward pass); both: all of these"
        },
    )
    seed: int = II("common.seed")


class AtclTask(EarlyBackward):
    """Base of both tasks; a subclass names it before the fairseq task that it extends."""

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
        path: Path,
        **settings: Any,
    ) -> CandidateDataset:
        """The dataset with the draws of one side, whose dictionary was read from `path`."""
        cfg = self.cfg
        antonyms = None
        if cfg.negatives != "random":
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
