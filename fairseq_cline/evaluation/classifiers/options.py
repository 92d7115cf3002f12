"""The options of the commands that compare classifiers, and what they refer to."""

import argparse

from data_prep.errors import InputError
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData, open_databin
from fairseq_cline.evaluation.command_line import add_checkpoints, add_data


def add_classifiers(
    parser: argparse.ArgumentParser,
    which: str = "models of --task sentence_prediction or clld_classification",
    several: bool = False,
) -> None:
    """Adds the checkpoints, their data-bin, ``--json`` and ``--cpu``.

    Args:
        which: the models that the command takes.
        several: a name may have several checkpoints, of which `model_selection` takes one.
    """
    if several:
        which += (
            "; a name may come several times, with the checkpoints of one model: the best on the "
            "validation split is taken"
        )
    add_checkpoints(parser, which)
    add_data(parser, "data-bin of their training")


def open_classes(folder: str, purpose: str, verify: bool = True) -> ClassificationData:
    """Opens the data-bin of ``--data`` for a command that needs classes.

    Args:
        purpose: who needs them, for the message.

    Raises:
        InputError: the folder is no such data-bin, or its labels are numbers.
    """
    data = open_databin(folder, verify)
    if not data.labels:
        raise InputError(
            f"--data {folder}: its labels are numbers, but {purpose} needs classes; give the "
            "data-bin of a classification"
        )
    return data
