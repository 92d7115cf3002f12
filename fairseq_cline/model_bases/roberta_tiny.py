"""Sizes of the smallest RoBERTa here, for CPUs and tests."""

from argparse import Namespace

from fairseq.models.roberta import base_architecture
from fairseq.utils import safe_getattr

SIZES = {
    "encoder_layers": 2,
    "encoder_embed_dim": 128,
    "encoder_ffn_embed_dim": 512,
    "encoder_attention_heads": 4,
}


def tiny_architecture(args: Namespace) -> None:
    """Fills in what the user left open; all else is as in fairseq's `roberta`."""
    for name, size in SIZES.items():
        setattr(args, name, safe_getattr(args, name, size))
    base_architecture(args)
