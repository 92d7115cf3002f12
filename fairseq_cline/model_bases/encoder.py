"""RoBERTa's encoder with switches: with them it is that of BERT, DistilBERT or ALBERT too.

Letters: B sentences, T tokens, V vocabulary, E channels of an embedding, C of the layers.
"""

from argparse import Namespace
from copy import deepcopy

import torch
from fairseq.data import Dictionary
from fairseq.models.roberta import RobertaEncoder
from fairseq.models.transformer import TransformerEncoder
from fairseq.modules.transformer_sentence_encoder import init_bert_params
from torch import Tensor, nn

from fairseq_cline.modules.shared_layers import SharedLayers


class SentenceEncoder(TransformerEncoder):
    """fairseq's encoder, with token types, small embeddings and a shared layer where asked for.

    Words, token types and positions are added, normalized and dropped at E channels, then projected
    to C if `embedding_dim` is set.
    """

    def __init__(self, args: Namespace, dictionary: Dictionary, embed_tokens: nn.Embedding):
        built = deepcopy(args)
        if args.share_layers:
            built.encoder_layers = 1
        super().__init__(built, dictionary, embed_tokens)
        if args.share_layers:
            self.layers = SharedLayers(self.layers[0], args.encoder_layers)
        channels = embed_tokens.embedding_dim
        self.embed_token_types = (
            nn.Embedding(args.token_types, channels) if args.token_types else None
        )
        self.projection = (
            None if args.embedding_dim is None else nn.Linear(channels, args.encoder_embed_dim)
        )

    def forward_embedding(
        self, src_tokens: Tensor, token_embedding: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """(B, T) token indices -> input of the layers (B, T, C), embeddings (B, T, E)."""
        if token_embedding is None:
            token_embedding = self.embed_tokens(src_tokens)
        if self.embed_token_types is not None:
            types = token_types(src_tokens, self.dictionary.eos())
            last = self.embed_token_types.num_embeddings - 1
            token_embedding = token_embedding + self.embed_token_types(types.clamp(max=last))
        x, embedded = super().forward_embedding(src_tokens, token_embedding)
        if self.projection is not None:
            x = self.projection(x)
        return x, embedded


def token_types(tokens: Tensor, eos: int) -> Tensor:
    """1 in the second text of a pair, 0 elsewhere, as BERT counts them: (B, T) -> (B, T).

    A pair is a row with exactly two </s>: one ends the first text, one the second.

    >>> token_types(torch.tensor([[0, 7, 2, 8, 2, 1], [0, 7, 8, 9, 2, 1]]), eos=2)
    tensor([[0, 0, 0, 1, 1, 1],
            [0, 0, 0, 0, 0, 0]])

    Args:
        eos: index of </s>.
    """
    ends = tokens.eq(eos)
    before = ends.cumsum(1) - ends.long()  # number of </s> to the left
    is_pair = ends.sum(1, keepdim=True).eq(2)
    return (before.gt(0) & is_pair).long()


class MaskedLmEncoder(RobertaEncoder):
    """RoBERTa's, with the encoder above; its masked-LM head goes back to E channels.

    With `pooler` it keeps BERT's dense layer of [CLS] in two buffers, which no training changes.
    """

    def __init__(self, args: Namespace, dictionary: Dictionary):
        super().__init__(args, dictionary)
        if args.pooler:
            channels = args.encoder_embed_dim
            self.register_buffer("pooler_weight", torch.empty(channels, channels).normal_(std=0.02))
            self.register_buffer("pooler_bias", torch.zeros(channels))
        for module in self.modules():
            if hasattr(module, "normalized_shape"):  # layer normalization of torch or of apex
                module.eps = args.layer_norm_eps

    def build_embedding(self, vocab_size: int, embedding_dim: int, padding_idx: int):
        return nn.Embedding(vocab_size, self.args.embedding_dim or embedding_dim, padding_idx)

    def build_encoder(self, args, dictionary, embed_tokens) -> SentenceEncoder:
        return SentenceEncoder(args, dictionary, embed_tokens).apply(init_bert_params)

    def build_lm_head(self, embed_dim: int, output_dim: int, activation_fn: str, weight):
        channels = self.args.embedding_dim or embed_dim
        head = super().build_lm_head(channels, output_dim, activation_fn, weight)
        if channels != embed_dim:
            head.dense = nn.Linear(embed_dim, channels)
        return head
