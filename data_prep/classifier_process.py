"""A fine-tuned classifier in a process of its own: preparation does not load the plug-in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data_prep.errors import InputError

COMMAND = ("-m", "fairseq_cline.evaluation.probabilities")


class ClassifierProcess:
    """Answers texts with probabilities, until it is closed.

    It computes with one thread, unless OMP_NUM_THREADS says otherwise: many of them may share the
    cores, and the same sums are rounded in the same way however many there are.
    """

    def __init__(self, checkpoint: Path, databin: Path) -> None:
        """Start ``fairseq_cline.evaluation.probabilities`` and wait until the model is loaded.

        Raises:
            InputError: it does not start; its own message is on standard error.
        """
        self._checkpoint = checkpoint
        self._process = subprocess.Popen(
            [sys.executable, *COMMAND, str(checkpoint), "--data", str(databin)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={"OMP_NUM_THREADS": "1", **os.environ},
        )
        self.labels: list[str] = self._read()
        """In the order of the probabilities."""

    def __call__(self, texts: Sequence[str | Sequence[str]]) -> list[list[float]]:
        """N texts, or pairs of texts, -> N lists of probabilities."""
        return self._ask(texts)

    def gradient(self, text: str | Sequence[str]) -> tuple[list[str], list[list[float]]]:
        """A text, or a pair -> its T tokens, and T lists: the gradient at their embeddings."""
        answer = self._ask({"gradient": text})
        return answer["tokens"], answer["gradient"]

    def _ask(self, question: Any) -> Any:
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._ended() from error
        return self._read()

    def _read(self) -> Any:
        line = self._process.stdout.readline()
        if not line:
            raise self._ended()
        return json.loads(line)

    def _ended(self) -> InputError:
        return InputError(
            f"{self._checkpoint}: the classifier ended (exit status {self._process.wait()}); "
            "see its message above, and check --checkpoint and --data"
        )

    def close(self) -> None:
        """End the process."""
        self._process.communicate()  # the end of its input is its end
