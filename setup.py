"""Install the plug-in: ``pip install --no-build-isolation .`` after ``requirements/build.txt``."""

import re
import runpy
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent
# Read, not imported: importing the package needs everything that this file installs.
VERSION = re.search(
    r'^__version__ = "([^"]+)"', (ROOT / "fairseq_cline" / "__init__.py").read_text(), re.MULTILINE
)

PACKAGES = runpy.run_path(str(ROOT / "data_prep" / "files" / "extras.py"))

setup(
    name="fairseq-cline",
    version=VERSION.group(1),
    description="A fairseq plug-in: contrastive learning with semantic negative examples (CLINE)",
    author="the fairseq_cline authors",
    license="MIT",
    packages=find_packages(include=["fairseq_cline*", "data_prep*"]),
    # fairseq decides: 0.12.2 cannot be built on Python >= 3.9, and the fork that replaces it is
    # made for 3.11 (source) and 3.12 (wheel).
    python_requires=">=3.11,<3.13",
    install_requires=[
        # The marker matters to `pip install --ignore-requires-python`: outside the range above no
        # fairseq is right, so none is chosen, and whoever overrides the range brings one along.
        'fairseq-fixed==0.12.3.1; python_version >= "3.11" and python_version < "3.13"',
        *PACKAGES["REQUIRED"],
    ],
    extras_require={
        **PACKAGES["EXTRAS"],
        "dev": ["mypy", "pre-commit", "pytest", "pytest-xdist", "ruff"],
    },
)
