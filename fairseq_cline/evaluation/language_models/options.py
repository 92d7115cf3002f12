"""The options of the commands that compare language models or attack embeddings."""

import argparse
import math
import os
from collections.abc import Iterable, Mapping
from typing import Any

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.option_numbers import seed, whole_number
from fairseq_cline.evaluation.command_line import add_checkpoints, add_data
from fairseq_cline.evaluation.reports.report_file import write_report


def add_language_models(parser: argparse.ArgumentParser) -> None:
    """Adds the checkpoints, their data-bin, ``--json`` and ``--cpu``."""
    add_checkpoints(parser, "decoder-only language models of one dictionary")
    add_data(parser, "data-bin of their training")


def add_attacks(parser: argparse.ArgumentParser, unit: str, figure: str) -> None:
    """Adds the options of the commands that attack a split with several epsilons.

    Args:
        unit: what a batch holds, in the plural.
        figure: what ``--plot`` draws against epsilon.
    """
    add = parser.add_argument
    add("--split", default="test", help="split of the data-bin (default: test)")
    add(
        "--epsilon",
        nargs="+",
        type=float,
        default=[0.03, 0.3, 1.0, 3.0],
        help="lengths of the perturbation, above 0 (default: 0.03 0.3 1 3; the paper trains "
        "with 0.03)",
    )
    add("--relative", action="store_true", help="epsilon is a share of the embedding's length")
    add("--seed", type=seed, default=1, help="seed of the choice of words (default: 1)")
    add("--batch-size", type=whole_number(1), default=64, help=f"{unit} in a batch (default: 64)")
    add("--plot", metavar="FILE.png", help=f"draw {figure} against epsilon")


def check_epsilons(epsilons: Iterable[float]) -> None:
    """Raises InputError when an epsilon is not a number above 0."""
    for epsilon in epsilons:
        if not 0 < epsilon < math.inf:
            raise InputError(f"--epsilon {epsilon:g}: must be a number above 0")


def write_lm_report(
    path: str, kind: str, data: str, content: dict[str, Any], checkpoints: Mapping[str, str]
) -> None:
    """Writes a report on language models with the SHA-256 of their dictionary.

    Args:
        kind: the name of the command.
        data: the data-bin of the models.
        checkpoints: name -> path of the models.
    """
    dictionary = file_sha256(os.path.join(data, "dict.txt"))
    write_report(path, kind, {"dictionary_sha256": dictionary, **content}, checkpoints)
