"""Tiny encoders of the family."""

import argparse
from types import SimpleNamespace

import pytest
import torch
from fairseq.data import Dictionary

from fairseq_cline.models.bert import BertModel

SIZES = {"encoder_layers": 2, "encoder_embed_dim": 12, "encoder_ffn_embed_dim": 16}
SIZES |= {"encoder_attention_heads": 3, "max_positions": 20}


@pytest.fixture
def make_encoder():
    """The function that builds an encoder of 40 symbols: `make_encoder(token_types=2)`."""

    def make(kind: type[BertModel] = BertModel, **settings) -> BertModel:
        dictionary = Dictionary()
        for number in range(36):
            dictionary.add_symbol(f"w{number}")
        torch.manual_seed(1)
        task = SimpleNamespace(source_dictionary=dictionary)
        return kind.build_model(argparse.Namespace(**SIZES | settings), task).eval()

    return make
