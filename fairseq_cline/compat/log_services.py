"""Logs for TensorBoard and others: a training that asks for one without its package does not begin.

fairseq would train without them, with one warning among its lines.
"""

import shlex
import sys
from typing import Any

from fairseq.logging import progress_bar

from data_prep.errors import InputError
from data_prep.files.extras import EXTRAS

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
