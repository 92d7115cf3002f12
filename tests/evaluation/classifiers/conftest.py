"""A data-bin of words, as classifiers without sub-words have it."""

from pathlib import Path

import pytest

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
    build_databin({**files, "valid": files["test"]}, folder / "bin", Options(Words(min_count=1)))
    return folder / "bin"
