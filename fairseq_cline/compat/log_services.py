"""Logs for TensorBoard and others: a training that asks for one without its package does not begin.

fairseq would train without them, with one warning among its lines.
"""

import os
import shlex
import sys
from typing import Any

from fairseq.distributed import utils as distributed_utils
from fairseq.logging import progress_bar
from fairseq.trainer import Trainer

from data_prep.errors import InputError
from data_prep.files.extras import EXTRAS
from fairseq_cline.compat.patching import Wrapper, patch

# Option -> what fairseq has found of its package (None: nothing), and the package.
SERVICES = {
    "tensorboard_logdir": ("SummaryWriter", "tensorboardX"),
    "wandb_project": ("wandb", "wandb"),
    "aim_repo": ("get_aim_run", "aim"),
    "azureml_logging": ("Run", "azureml-core"),
}


def check_services(common: Any) -> None:
    """Looks whether the packages of all logs that are asked for are installed.

    Args:
        common: part of a training's configuration.

    Raises:
        InputError: one is not; the message says what installs it.
    """
    for name, (found, package) in SERVICES.items():
        if getattr(common, name, None) and getattr(progress_bar, found) is None:
            ours = [one for one in EXTRAS["logging"] if one.startswith(package)]
            requirement = ours[0] if ours else package
            raise InputError(
                f"--{name.replace('_', '-')} needs {package}, which is not installed; run: "
                f"{sys.executable} -m pip install {shlex.quote(requirement)}"
            )


def call_main(stock: Wrapper, cfg: Any, main: Any, **kwargs: Any) -> Any:
    """Begins the work of a program, which is a training if its main function is."""
    if os.path.basename(main.__code__.co_filename) == "train.py":
        check_services(cfg.common)
    return stock(cfg, main, **kwargs)


def make_trainer(stock: Wrapper, trainer: Trainer, cfg: Any, *args: Any, **kwargs: Any) -> None:
    """Makes a trainer; fairseq-hydra-train has read the plug-in after the call above."""
    check_services(cfg.common)
    stock(trainer, cfg, *args, **kwargs)


def prepare() -> None:
    """Makes trainings look for the packages of their logs."""
    patch(distributed_utils, "call_main", call_main)
    patch(Trainer, "__init__", make_trainer)
