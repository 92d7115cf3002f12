"""A data-bin of words, as classifiers without sub-words have it."""

from pathlib import Path

import pytest

from data_prep.classification.examples import read_labeled_text
from data_prep.classification.labeled_databin import Options, build_databin
from data_prep.tokenizers.text_encoders import Words


@pytest.fixture(scope="session")
def word_databin(tmp_path_factory) -> Path:
    """A data-bin of words; the test split has unknown ones."""
    folder = tmp_path_factory.mktemp("words")
    texts = {"train": "Fine film. It wasn't", "test": "It wasn't FINE, naïve (dull)."}
    files = {}
    for split, text in texts.items():
        files[split] = folder / f"{split}.tsv"
        files[split].write_text(f"good\t{text}\nbad\tdull film .\n")
    texts = {split: read_labeled_text(path) for split, path in files.items()}
    build_databin({**texts, "valid": texts["test"]}, folder / "bin", Options(Words(min_count=1)))
    return folder / "bin"
