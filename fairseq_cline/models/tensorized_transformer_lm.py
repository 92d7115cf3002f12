"""The tensorized transformer language model (Ma et al., 2019), made causal."""

from dataclasses import dataclass, field
from typing import Optional

from fairseq.models import register_model, register_model_architecture
from fairseq.models.transformer_lm import (
    TransformerLanguageModel,
    TransformerLanguageModelConfig,
    base_lm_architecture,
)
from fairseq.utils import safe_getattr

from data_prep.errors import InputError
from fairseq_cline.model_bases.tensorized_decoder import TensorizedTransformerDecoder
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
            "(default: theirs)"
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
    """The model of the Penn Treebank in the scripts of Ma et al. and of ATCL, which agree.

    They have N = 32: give `--tokens-per-sample 32`. Input and output share their embeddings. With
    the 10,008 symbols of data_prep.ptb that makes 6.7 million parameters, as many as theirs.
    """
    args.decoder_layers = safe_getattr(args, "decoder_layers", 3)
    args.dropout = safe_getattr(args, "dropout", 0.3)
    args.share_decoder_input_output_embed = safe_getattr(
        args, "share_decoder_input_output_embed", True
    )
    _sizes_of_the_source(args)


@register_model_architecture("tensorized_transformer_lm", "tensorized_transformer_lm_wiki103")
def tensorized_transformer_lm_wiki103(args) -> None:
    """The model of WikiText-103 in the scripts of Ma et al. and of ATCL, which agree.

    They have N = 80: give `--tokens-per-sample 80`. The bands of rare words are as wide as the
    frequent ones (factor 1), and share their weights between input and soft-max. fairseq puts a
    projection of (C, C) before each band, and they none.
    """
    args.decoder_layers = safe_getattr(args, "decoder_layers", 6)
    args.dropout = safe_getattr(args, "dropout", 0.1)
    args.adaptive_input = safe_getattr(args, "adaptive_input", True)
    for part in ("input", "softmax"):
        for name, value in (("cutoff", "20000,40000,200000"), ("factor", 1)):
            option = f"adaptive_{part}_{name}"
            setattr(args, option, safe_getattr(args, option, value))
    args.tie_adaptive_weights = safe_getattr(args, "tie_adaptive_weights", True)
    args.tie_adaptive_proj = safe_getattr(args, "tie_adaptive_proj", True)
    _sizes_of_the_source(args)


def _sizes_of_the_source(args) -> None:
    """Fills in what both models have in common; all else is fairseq's."""
    args.decoder_embed_dim = safe_getattr(args, "decoder_embed_dim", 256)
    args.decoder_ffn_embed_dim = safe_getattr(args, "decoder_ffn_embed_dim", 2100)
    args.attention_rank = safe_getattr(args, "attention_rank", 40)
    args.attention_cores = safe_getattr(args, "attention_cores", 2)
    base_lm_architecture(args)
