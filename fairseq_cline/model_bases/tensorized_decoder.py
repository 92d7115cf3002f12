"""The decoder of the tensorized transformer (Ma et al., 2019): fairseq's with multi-linear attention."""

from fairseq.distributed import fsdp_wrap
from fairseq.incremental_decoding_utils import FairseqIncrementalState
from fairseq.models.transformer import TransformerDecoder
from fairseq.modules.checkpoint_activations import checkpoint_wrapper
from fairseq.modules.transformer_layer import TransformerDecoderLayerBase
from torch import Tensor

from data_prep.errors import InputError
from fairseq_cline.modules.multilinear_attention import MultilinearAttention


class IncrementalMultilinearAttention(FairseqIncrementalState, MultilinearAttention):
    """Multi-linear attention that is called, and reordered by beam search, as fairseq's is."""

    def __init__(self, channels: int, **settings):
        super().__init__(channels, **settings)
        # Asked for by the layer; --scale-heads thus learns one factor.
        self.num_heads, self.head_dim = 1, channels

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        incremental_state: dict[str, dict[str, Tensor]] | None = None,
        **masks,
    ) -> tuple[Tensor, None]:
        """Self-attention: (T, B, C) -> (T, B, C), and no weights.

        `key` and `value` are the query's; `masks` have nothing to add, as the future is always
        hidden and padding stands on the right.
        """
        x = query.transpose(0, 1)
        if incremental_state is None:
            x = super().forward(x)
        else:
            x, state = self.without_tensor(x, self._get_input_buffer(incremental_state))
            self.set_incremental_state(incremental_state, "sums", state)
        return x.transpose(0, 1), None

    def _get_input_buffer(self, incremental_state: dict | None) -> dict[str, Tensor] | None:
        return self.get_incremental_state(incremental_state, "sums")

    def reorder_incremental_state(self, incremental_state: dict, new_order: Tensor) -> None:
        state = self._get_input_buffer(incremental_state)
        if state is not None:
            state = {name: part.index_select(0, new_order) for name, part in state.items()}
            self.set_incremental_state(incremental_state, "sums", state)


class TensorizedDecoderLayer(TransformerDecoderLayerBase):
    """fairseq's decoder layer; `args` has what its `cfg` does not know."""

    def __init__(self, cfg, args):
        self.args = args  # the parent asks for the attention
        super().__init__(cfg, no_encoder_attn=True)

    def build_self_attention(self, embed_dim: int, cfg, **unused) -> MultilinearAttention:
        return IncrementalMultilinearAttention(
            embed_dim,
            rank=self.args.attention_rank,
            cores=self.args.attention_cores,
            length=longest_input(self.args),
            leak_future=self.args.leak_future_tokens,
        )


def longest_input(args) -> int:
    """N: one token more than a block if each block gets a <s>."""
    return args.tokens_per_sample + bool(args.add_bos_token)


class TensorizedTransformerDecoder(TransformerDecoder):
    """fairseq's decoder with other layers; it takes at most N tokens, padded on the right."""

    def build_decoder_layer(self, cfg, no_encoder_attn: bool = False) -> TensorizedDecoderLayer:
        layer = TensorizedDecoderLayer(cfg, self.args)
        if cfg.checkpoint_activations:
            layer = checkpoint_wrapper(layer, offload_to_cpu=cfg.offload_activations)
        return fsdp_wrap(
            layer, min_num_params=0 if cfg.checkpoint_activations else cfg.min_params_to_wrap
        )

    def max_positions(self) -> int:
        return longest_input(self.args)

    def upgrade_state_dict_named(self, state_dict: dict, name: str) -> dict:
        """Takes a checkpoint as fairseq does, after a check of N.

        Raises:
            InputError: the checkpoint has another N.
        """
        saved = state_dict.get(f"{name}.layers.0.self_attn.weight")
        if saved is not None and len(saved) != self.max_positions():
            raise InputError(
                f"the checkpoint takes at most {len(saved)} tokens, this run {self.max_positions()}"
                "; use the --tokens-per-sample and --add-bos-token of its training"
            )
        return super().upgrade_state_dict_named(state_dict, name)

    def extract_features(
        self, prev_output_tokens: Tensor, encoder_out=None, incremental_state=None, **settings
    ) -> tuple[Tensor, dict]:
        """Does what fairseq's does, for inputs that the model can take.

        Raises:
            InputError: the input is longer than N, or padded on the left, which would move the
                tokens to other places of W (fairseq pads language models on the right), or the
                leaking form is asked for one token at a time, before there is a future.
        """
        longest = self.max_positions()
        if prev_output_tokens.size(1) > longest:
            raise InputError(
                f"a sequence of {prev_output_tokens.size(1)} tokens is too long: the model was "
                f"built for {longest} by --tokens-per-sample; split the text into shorter ones"
            )
        padding = prev_output_tokens.eq(self.padding_idx)
        # Padding between tokens is harmless: hypotheses of probability 0 in a beam have it.
        if (padding[:, 0] & ~padding.all(1)).any():
            raise InputError("this model takes no padding on the left; pad on the right")
        if incremental_state is not None and self.args.leak_future_tokens:
            raise InputError(
                "a model trained with --leak-future-tokens cannot generate: it needs the tokens "
                "that it should predict; train without this flag"
            )
        return super().extract_features(
            prev_output_tokens, encoder_out, incremental_state, **settings
        )
