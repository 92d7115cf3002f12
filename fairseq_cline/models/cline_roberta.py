"""An encoder with a replaced-token head: one pass over the triplets of CLINE."""

import logging

from fairseq.models import register_model, register_model_architecture
from fairseq.models.roberta import roberta_large_architecture
from fairseq.modules.transformer_sentence_encoder import init_bert_params
from torch import Tensor

from data_prep.errors import InputError
from fairseq_cline.model_bases.encoder_files import bert_architecture
from fairseq_cline.model_bases.encoder_model import EncoderModel
from fairseq_cline.model_bases.encoder_switches import roberta_architecture
from fairseq_cline.model_bases.roberta_checkpoints import copy_encoder
from fairseq_cline.model_bases.roberta_tiny import tiny_architecture
from fairseq_cline.modules.frozen_copy import ReferenceEncoder
from fairseq_cline.modules.heads import ReplacedTokenHead

logger = logging.getLogger(__name__)


@register_model("cline_roberta")
class ClineRobertaModel(EncoderModel):
    """An encoder of RoBERTa's family and one linear head; without `triplets` it is the former.

    So `--task masked_lm` and `--task sentence_prediction` work with these architectures.
    """

    def __init__(self, args, encoder):
        super().__init__(args, encoder)
        self.rtd_head = ReplacedTokenHead(args.encoder_embed_dim)
        self.rtd_head.apply(init_bert_params)
        self.reference: ReferenceEncoder | None = None

    def add_reference(self) -> None:
        """Adds a frozen copy of the encoder, for what asks how its vectors were before."""
        self.reference = ReferenceEncoder(self.encoder.sentence_encoder)

    def forward(
        self,
        src_tokens: Tensor,
        *args,
        masked_tokens: Tensor | None = None,
        triplets: bool = False,
        reference_tokens: Tensor | None = None,
        **kwargs,
    ) -> tuple[Tensor, dict]:
        """One encoder pass; with `triplets`, all that the CLINE losses need.

        Args:
            src_tokens: (3B, T) token indices: B originals, B synonym, B antonym sequences.
            masked_tokens: (B, T) bool: the positions of the originals to predict (M in all).
                Only these are projected to the vocabulary.
            triplets: whether `src_tokens` are triplets. If not, this is RoBERTa's forward.
            reference_tokens: (B, T) for the frozen copy: the unmasked originals.

        Returns:
            MLM logits (M, V), and a dictionary of `rtd_logits` (2B, T) (synonym, then antonym
            sequences), `sentence` (3B, C), the feature that stands for each (the paper's [CLS]),
            and with `reference_tokens` `reference` (B, C), likewise of the frozen copy. All comes
            out of one `forward`, which the hooks of DDP and FSDP rely on.

        Raises:
            InputError: there is no frozen copy.
        """
        if not triplets:
            return super().forward(src_tokens, *args, masked_tokens=masked_tokens, **kwargs)
        features, _ = self.encoder(src_tokens, features_only=True)  # (3B, T, C)
        original, perturbed = features.tensor_split([len(features) // 3])
        mlm_logits = self.encoder.output_layer(original, masked_tokens=masked_tokens)
        result = {
            "rtd_logits": self.rtd_head(perturbed),
            "sentence": self.sentence(features, src_tokens),
        }
        if reference_tokens is not None:
            result["reference"] = self._reference_vectors(reference_tokens)
        return mlm_logits, result

    def _reference_vectors(self, tokens: Tensor) -> Tensor:
        if self.reference is None:
            raise InputError(
                "this model has no copy of its encoder as it was; --consistency-weight needs --task "
                "cline_pretrain"
            )
        features = self.reference(tokens)["encoder_out"][0].transpose(0, 1)  # (B, T, C)
        return self.sentence(features, tokens)

    def upgrade_state_dict_named(self, state_dict: dict, name: str) -> None:
        """Lets RoBERTa and DCL checkpoints in: the head that they lack keeps its fresh weights.

        The frozen copy starts as the encoder of a checkpoint that has no copy.

        Raises:
            InputError: the checkpoint's vocabulary or number of positions is another.
        """
        prefix = f"{name}." if name else ""
        reference, copied = self.reference, f"{prefix}reference."
        if not any(key.startswith(copied) for key in state_dict):
            # fairseq takes an encoder that is not in the checkpoint for one of an old version.
            self.reference = None
        super().upgrade_state_dict_named(state_dict, name)
        if reference is not None and self.reference is None:
            self.reference = reference
            logger.info(
                "the checkpoint's encoder is copied, for --consistency-weight to compare with"
            )
            copy_encoder(state_dict, prefix, f"{copied}network.")
        for key, value in self.rtd_head.state_dict().items():
            key = f"{prefix}rtd_head.{key}"
            if key not in state_dict:
                logger.info(f"{key} is not in the checkpoint: initialized")
                state_dict[key] = value


@register_model_architecture("cline_roberta", "cline_roberta_tiny")
def cline_roberta_tiny(args) -> None:
    """Sizes for CPUs and tests: 2 layers of 128 channels."""
    tiny_architecture(args)


@register_model_architecture("cline_roberta", "cline_roberta")
@register_model_architecture("cline_roberta", "cline_roberta_base")
def cline_roberta_base(args) -> None:
    """The figures of RoBERTa-base, from which the paper starts."""
    roberta_architecture(args)


@register_model_architecture("cline_roberta", "cline_roberta_large")
def cline_roberta_large(args) -> None:
    """The figures of RoBERTa-large."""
    roberta_large_architecture(args)


@register_model_architecture("cline_roberta", "cline_bert")
def cline_bert(args) -> None:
    """The encoder of the file that the training starts from; without one that of BERT-base."""
    bert_architecture(args)
