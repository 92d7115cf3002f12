"""Sizes of the smallest RoBERTa here, for CPUs and tests."""

from argparse import Namespace

from fairseq_cline.model_bases.encoder_switches import fill_in, roberta_architecture

SIZES = {
    "encoder_layers": 2,
    "encoder_embed_dim": 128,
    "encoder_ffn_embed_dim": 512,
    "encoder_attention_heads": 4,
}


def tiny_architecture(args: Namespace) -> None:
    """Fills in what the user left open; all else is as in fairseq's `roberta`."""
    fill_in(args, **SIZES)
    roberta_architecture(args)
