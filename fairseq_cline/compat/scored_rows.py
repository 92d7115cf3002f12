"""fairseq-eval-lm that scores no row says so; fairseq prints a perplexity of 1, or a traceback."""

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


def load_split(stock: Wrapper, task: LanguageModelingTask, *args: Any, **kwargs: Any) -> Any:
    """Loads a split, in rows of what the context leaves of --tokens-per-sample."""
    if task.args.tokens_per_sample < 1 and task.args.sample_break_mode != "eos":
        raise InputError(
            "--context-window leaves no token of a row to be scored; give less than "
            "--tokens-per-sample, or a greater --tokens-per-sample"
        )
    return stock(task, *args, **kwargs)


def prepare() -> None:
    """Makes fairseq-eval-lm count its rows."""
    patch(LanguageModelingTask, "load_dataset", load_split)
    patch(LanguageModelingTask, "eval_lm_dataloader", load_rows)
