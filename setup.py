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
    description="A fairseq plug-in for contrastive text models: CLINE, DCL, CLLD, FreeLB and ATCL",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="the fairseq_cline authors",
    license_expression="MIT",
    license_files=["LICENSE"],
    keywords="fairseq, contrastive learning, sentence embeddings, adversarial training, RoBERTa",
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Text Processing :: Linguistic",
        "Typing :: Typed",
    ],
    packages=find_packages(include=["fairseq_cline*", "data_prep*"]),
    package_data={
        "fairseq_cline": ["py.typed"],
        "fairseq_cline.console": ["commands.json"],
        "data_prep": ["py.typed"],
    },
    entry_points={"console_scripts": ["fairseq-cline = fairseq_cline.console.program:main"]},
    # fairseq decides: 0.12.2 cannot be built on Python >= 3.9, and the fork that replaces it is
    # made for 3.11 (source) and 3.12 (wheel).
    python_requires=">=3.11,<3.13",
    install_requires=[
        # Outside the range above nothing is right, so nothing is chosen: pip would download torch
        # before it looks at the range, and whoever overrides that brings a fairseq along.
        f'{package}; python_version >= "3.11" and python_version < "3.13"'
        for package in ("fairseq-fixed==0.12.3.1", *PACKAGES["REQUIRED"])
    ],
    extras_require={
        **PACKAGES["EXTRAS"],
        "dev": ["mypy", "pre-commit", "pytest", "pytest-xdist", "ruff"],
    },
)
