"""An open data-bin of triplets, the encoders that read it, and pairs of its sentences."""

import pytest

from fairseq_cline.evaluation.encoders.pretrained_encoders import load_encoder, open_databin
from fairseq_cline.evaluation.encoders.sentence_pairs import pairs_of_databin


@pytest.fixture(scope="session")
def open_triplets(databin):
    return open_databin(str(databin))


@pytest.fixture
def load(encoder_checkpoints, open_triplets):
    """Loads the model of one kind, with its projection."""
    data = open_triplets
    return lambda kind: load_encoder(str(encoder_checkpoints[kind]), data.dictionary, data)


@pytest.fixture
def pairs(open_triplets):
    return pairs_of_databin(open_triplets, "valid", count=10, seed=1)
