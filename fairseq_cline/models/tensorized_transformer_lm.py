"""The tensorized transformer language model (Ma et al., 2019), made causal."""

from dataclasses import dataclass, field
from typing import Optional

from fairseq.distributed import fsdp_wrap
from fairseq.incremental_decoding_utils import FairseqIncrementalState
from fairseq.models import register_model, register_model_architecture
from fairseq.models.transformer import TransformerDecoder
from fairseq.models.transformer_lm import (
    TransformerLanguageModel,
    TransformerLanguageModelConfig,
    base_lm_architecture,
)
from fairseq.modules.checkpoint_activations import checkpoint_wrapper
from fairseq.modules.transformer_layer import TransformerDecoderLayerBase
from fairseq.utils import safe_getattr
from torch import Tensor

from data_prep.errors import InputError
from fairseq_cline.modules.multilinear_attention import MultilinearAttention
from fairseq_cline.option_ranges import at_least, check_options


@dataclass
class TensorizedTransformerLMConfig(TransformerLanguageModelConfig):
    """Its defaults are the architecture `tensorized_transformer_lm`: small enough for a CPU.

    The number of layers and their sizes are ours, all else is fairseq's `transformer_lm`.
    """

    decoder_layers: int = field(default=3, metadata={"help": "number of layers (default: ours)"})
    decoder_embed_dim: int = field(
        default=256,
        metadata={"help": "channels of every layer (d of Ma et al. 2019; default: ours)"},
    )
    decoder_ffn_embed_dim: int = field(
        default=1024, metadata={"help": "inner channels of the feed-forward (default: ours)"}
    )
    # Optional: fairseq's parser does not know `int | None`.
    decoder_input_dim: Optional[int] = field(  # noqa: UP045
        default=None,
        metadata={"help": "channels of the input embedding (default: those of the layers)"},
    )
    decoder_output_dim: Optional[int] = field(  # noqa: UP045
        default=None,
        metadata={"help": "channels before the soft-max (default: those of the layers)"},
    )
    attention_rank: int = field(
        default=40,
        metadata={
            "help": "size of queries, keys and values in multi-linear attention: at least 1 "
            "(R of Ma et al. 2019; default: their code)"
        },
    )
    attention_cores: int = field(
        default=2,
        metadata={
            "help": "number of core tensors, averaged in multi-linear attention: at least 1 "
            "(default: ours)"
        },
    )
    leak_future_tokens: bool = field(
        default=False,
        metadata={
            "help": "WRONG for language modeling: every position sees the tokens that it must "
            "predict, as in the published code, so that the perplexity is not that of a language "
            "model; only to measure how much that code's figures gain by it"
        },
    )


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


@register_model("tensorized_transformer_lm", dataclass=TensorizedTransformerLMConfig)
class TensorizedTransformerLanguageModel(TransformerLanguageModel):
    """fairseq's `transformer_lm` with multi-linear attention in place of self-attention.

    As in fairseq, the input of every sub-layer is normalized; the source normalizes the output.
    """

    @classmethod
    def build_model(cls, args, task):
        check_options(args, attention_rank=at_least(1), attention_cores=at_least(1))
        if args.attention_dropout:
            raise InputError("multi-linear attention has no weights to drop: --attention-dropout 0")
        args.decoder_input_dim = args.decoder_input_dim or args.decoder_embed_dim
        args.decoder_output_dim = args.decoder_output_dim or args.decoder_embed_dim
        # The attention knows the positions.
        args.no_token_positional_embeddings = True
        args.decoder_normalize_before = True
        # It is built for its embeddings, whose many kinds are made in one place.
        stock = super().build_model(args, task)
        return cls(
            TensorizedTransformerDecoder(
                args, task.target_dictionary, stock.decoder.embed_tokens, no_encoder_attn=True
            )
        )

    def prepare_for_inference_(self, cfg) -> None:
        """Does what fairseq's does, after a check of the blocks that the task will cut a data-bin into.

        Raises:
            InputError: they are longer than those of the training. fairseq-eval-lm would skip
                them all with no more than a warning, and print a perplexity of 1.
        """
        block = safe_getattr(cfg.task, "tokens_per_sample", 0) + cfg.eval_lm.context_window
        longest = self.decoder.args.tokens_per_sample
        # fairseq-interactive, the one with a buffer, reads lines and cuts no blocks.
        if cfg.interactive.buffer_size == 0 and block > longest:
            raise InputError(
                f"blocks of {block} tokens (with the context window of fairseq-eval-lm) are too "
                f"long: the model was trained with --tokens-per-sample {longest}; give the same"
            )
        super().prepare_for_inference_(cfg)


@register_model_architecture("tensorized_transformer_lm", "tensorized_transformer_lm_ptb")
def tensorized_transformer_lm_ptb(args) -> None:
    """Layers, channels, rank and dropout of the source's Penn Treebank run.

    So is N = 32: give `--tokens-per-sample 32`. The two cores are ours, all else is fairseq's.
    """
    args.decoder_layers = safe_getattr(args, "decoder_layers", 3)
    args.decoder_embed_dim = safe_getattr(args, "decoder_embed_dim", 512)
    args.decoder_ffn_embed_dim = safe_getattr(args, "decoder_ffn_embed_dim", 2100)
    args.attention_rank = safe_getattr(args, "attention_rank", 40)
    args.dropout = safe_getattr(args, "dropout", 0.1)
    base_lm_architecture(args)


@register_model_architecture("tensorized_transformer_lm", "tensorized_transformer_lm_wiki103")
def tensorized_transformer_lm_wiki103(args) -> None:
    """Layers, channels, rank and dropout of the source's WikiText-103 run.

    So is N = 80: give `--tokens-per-sample 80`. Cut-offs and ties of the adaptive input and
    softmax are those of fairseq's `transformer_lm_wiki103`; the two cores are ours.
    """
    args.decoder_layers = safe_getattr(args, "decoder_layers", 6)
    args.adaptive_input = safe_getattr(args, "adaptive_input", True)
    args.adaptive_input_cutoff = safe_getattr(args, "adaptive_input_cutoff", "20000,60000")
    args.adaptive_softmax_cutoff = safe_getattr(args, "adaptive_softmax_cutoff", "20000,60000")
    args.tie_adaptive_weights = safe_getattr(args, "tie_adaptive_weights", True)
    args.tie_adaptive_proj = safe_getattr(args, "tie_adaptive_proj", True)
    tensorized_transformer_lm_ptb(args)
