"""fairseq-eval-lm that scores no row says so; fairseq prints a perplexity of 1."""

from collections.abc import Iterator
from typing import Any

from fairseq.tasks.language_modeling import LanguageModelingTask

from data_prep.errors import InputError
from fairseq_cline.compat.patching import Wrapper, patch


class ScoredRows:
    """The batches of a split, of which one at least must have rows."""

    def __init__(self, batches: Any, rows: int, longest: int | None) -> None:
        """Takes the batches, the number of rows before any was left out, and the longest allowed."""
        self._batches, self._rows, self._longest = batches, rows, longest

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        scored = False
        for batch in self._batches:
            scored = scored or "net_input" in batch
            yield batch
        if not scored:
            raise InputError(
                f"none of the {self._rows:,} rows is scored: the model reads at most "
                f"{self._longest} tokens at once; give --tokens-per-sample {self._longest} or less, "
                "and a --shard-id that has rows"
            )


def load_rows(
    stock: Wrapper, task: LanguageModelingTask, dataset: Any, *args: Any, **kwargs: Any
) -> ScoredRows:
    """Loads the batches that fairseq-eval-lm scores."""
    batches = stock(task, dataset, *args, **kwargs)
    return ScoredRows(batches, len(dataset), kwargs.get("max_positions"))


def prepare() -> None:
    """Makes fairseq-eval-lm count its rows."""
    patch(LanguageModelingTask, "eval_lm_dataloader", load_rows)
