"""ALBERT (Lan et al., 2020): RoBERTa with small word embeddings and one layer for all depths.

Letters: B sentences, T tokens, V vocabulary, E channels of an embedding, H of the layers.
"""

from argparse import ArgumentParser, Namespace
from copy import copy

import torch
from fairseq.data import Dictionary
from fairseq.models import register_model, register_model_architecture
from fairseq.models.roberta import RobertaEncoder, RobertaModel, base_architecture
from fairseq.models.transformer import TransformerEncoder
from fairseq.modules.transformer_sentence_encoder import init_bert_params
from fairseq.utils import safe_getattr
from torch import Tensor, nn

from data_prep.errors import InputError
from fairseq_cline.model_bases.roberta_checkpoints import check_embeddings
from fairseq_cline.model_bases.roberta_tiny import tiny_architecture
from fairseq_cline.modules.shared_layers import SharedLayers
from fairseq_cline.option_ranges import at_least, check_options


class SharedTransformerEncoder(TransformerEncoder):
    """fairseq's encoder, from embeddings of E channels through passes of one layer of H.

    Words and positions are added, normalized and dropped at E channels, then projected to H.
    """

    def __init__(self, args: Namespace, dictionary: Dictionary, embed_tokens: nn.Embedding):
        one_layer = copy(args)
        one_layer.encoder_layers = 1
        super().__init__(one_layer, dictionary, embed_tokens)
        self.layers = SharedLayers(self.layers[0], args.encoder_layers)
        self.projection = nn.Linear(args.embedding_dim, args.encoder_embed_dim)

    def forward_embedding(
        self, src_tokens: Tensor, token_embedding: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """(B, T) token indices -> input of the layers (B, T, H), embeddings (B, T, E)."""
        x, embedded = super().forward_embedding(src_tokens, token_embedding)
        return self.projection(x), embedded


class AlbertEncoder(RobertaEncoder):
    """RoBERTa's, with the encoder above and a masked-LM head that goes back to E channels."""

    def build_embedding(self, vocab_size: int, embedding_dim: int, padding_idx: int):
        return nn.Embedding(vocab_size, self.args.embedding_dim, padding_idx)

    def build_encoder(self, args, dictionary, embed_tokens) -> SharedTransformerEncoder:
        return SharedTransformerEncoder(args, dictionary, embed_tokens).apply(init_bert_params)

    def build_lm_head(self, embed_dim: int, output_dim: int, activation_fn: str, weight):
        channels = self.args.embedding_dim
        head = super().build_lm_head(channels, output_dim, activation_fn, weight)
        head.dense = nn.Linear(embed_dim, channels)
        return head


@register_model("albert")
class AlbertModel(RobertaModel):
    """ALBERT from random weights or from a checkpoint of its own; it loads nothing by itself.

    The rest is RoBERTa's: `--task masked_lm` pre-trains it, `sentence_prediction` fine-tunes it by
    a head of a dense layer, tanh and dropout (--pooler-dropout) on <s>. The sentence-order
    prediction of the paper, and its segment embeddings, are left out.
    """

    @staticmethod
    def add_args(parser: ArgumentParser) -> None:
        RobertaModel.add_args(parser)
        parser.add_argument(
            "--embedding-dim",
            type=int,
            help="channels of a word embedding, > 0 (E of Lan et al. 2020: 128)",
        )

    @classmethod
    def build_model(cls, args: Namespace, task) -> "AlbertModel":
        albert_base(args)
        _check(args)
        args.max_positions = safe_getattr(args, "max_positions", task.max_positions())
        return cls(args, AlbertEncoder(args, task.source_dictionary))

    def upgrade_state_dict_named(self, state_dict: dict[str, torch.Tensor], name: str) -> None:
        """Takes a checkpoint as RoBERTa does, after a check.

        Raises:
            InputError: the checkpoint's vocabulary or number of positions is another.
        """
        super().upgrade_state_dict_named(state_dict, name)
        prefix = f"{name}." if name else ""
        check_embeddings(self.encoder.sentence_encoder, state_dict, prefix)


def _check(args: Namespace) -> None:
    check_options(args, embedding_dim=at_least(1), encoder_layers=at_least(1))
    for name in ("encoder_layerdrop", "encoder_layers_to_keep", "encoder_normalize_before"):
        if getattr(args, name):
            raise InputError(
                f"--{name.replace('_', '-')} is not for ALBERT, whose layers are one; leave it out"
            )


@register_model_architecture("albert", "albert_base")
def albert_base(args: Namespace) -> None:
    """The figures of ALBERT-base: those of BERT-base, with E = 128 (Table 1 of the paper)."""
    args.embedding_dim = safe_getattr(args, "embedding_dim", 128)
    base_architecture(args)


@register_model_architecture("albert", "albert_tiny")
def albert_tiny(args: Namespace) -> None:
    """Sizes for CPUs and tests: 2 passes of 128 channels."""
    args.embedding_dim = safe_getattr(args, "embedding_dim", 32)
    tiny_architecture(args)
