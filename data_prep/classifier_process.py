"""A fine-tuned classifier in a process of its own: preparation does not load the plug-in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from data_prep.corpus import InputError

COMMAND = ("-m", "fairseq_cline.evaluation.probabilities")


class ClassifierProcess:
    """Answers texts with probabilities for as long as the ``with`` block lasts."""

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
        )
        self.labels: list[str] = self._read()
        """In the order of the probabilities."""

    def __call__(self, texts: Sequence[str | Sequence[str]]) -> list[list[float]]:
        """N texts, or pairs of texts, -> N lists of probabilities."""
        try:
            self._process.stdin.write(json.dumps(texts) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._ended() from error
        return self._read()

    def _read(self) -> list:
        line = self._process.stdout.readline()
        if not line:
            raise self._ended()
        return json.loads(line)

    def _ended(self) -> InputError:
        return InputError(
            f"{self._checkpoint}: the classifier ended (exit status {self._process.wait()}); "
            "see its message above, and check --checkpoint and --data"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.communicate()  # the end of its input is its end
