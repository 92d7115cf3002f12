"""The real pre-trained encoder of the tests that compare with real weights."""

from pathlib import Path

import pytest

from data_prep.english.encoder_resource import encoder_folder
from data_prep.errors import ResourceError


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2, in Hugging Face's form."""
    try:
        return encoder_folder()
    except ResourceError as error:
        pytest.skip(str(error))
