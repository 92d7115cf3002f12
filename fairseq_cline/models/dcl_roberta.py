"""An encoder with a projection, a predictor and a momentum network: the pairs of DCL.

Letters: B pairs, T tokens, C channels, D channels of a projection, M masked tokens, V vocabulary.
"""

import logging

from fairseq.models import register_model, register_model_architecture
from fairseq.models.roberta import roberta_large_architecture
from torch import Tensor

from data_prep.errors import InputError
from fairseq_cline.model_bases.alignment import Alignment
from fairseq_cline.model_bases.encoder_files import bert_architecture
from fairseq_cline.model_bases.encoder_model import EncoderModel
from fairseq_cline.model_bases.encoder_switches import roberta_architecture
from fairseq_cline.model_bases.roberta_checkpoints import copy_encoder
from fairseq_cline.model_bases.roberta_tiny import tiny_architecture
from fairseq_cline.modules.power_norm import PowerNorm

logger = logging.getLogger(__name__)


@register_model("dcl_roberta")
class DclRobertaModel(EncoderModel):
    """An encoder of RoBERTa's family, to which `--task dcl_pretrain` adds an `Alignment`.

    For every other task it is the plain encoder: `masked_lm` and `sentence_prediction` work with
    these architectures, and leave out what a checkpoint has more.
    """

    def __init__(self, args, encoder):
        super().__init__(args, encoder)
        self.alignment: Alignment | None = None

    def add_alignment(self, **settings) -> None:
        """Adds the parts that DCL trains with; the arguments are those of `Alignment`."""
        self.alignment = Alignment(
            self.encoder.sentence_encoder,
            self.args.encoder_embed_dim,
            feature=self.args.sentence_feature,
            **settings,
        )

    def follow_update(self, update: int) -> float:
        """Takes the step of the momentum network after an update of the optimizer (Eq. 7).

        The task calls it before every forward in training. Between two updates only the first call
        takes the step: not every batch of `--update-freq`, and none after an update that fp16
        skipped. Most checkpoints are written after an update and before this step: a resumed run
        begins with it.

        Args:
            update: number of updates until now.

        Returns:
            tau.
        """
        return self.alignment.follow_update(self.encoder.sentence_encoder, update)

    def expect_loss_scale(self, scale: float) -> None:
        """Tells the power normalizations by what the loss of the next backward passes is multiplied."""
        for part in (self.alignment.projection, self.alignment.predictor):
            for module in part.modules():
                if isinstance(module, PowerNorm):
                    module.loss_scale = scale

    def forward(
        self,
        src_tokens: Tensor,
        *args,
        masked_tokens: Tensor | None = None,
        momentum_tokens: Tensor | None = None,
        **kwargs,
    ) -> tuple[Tensor, dict]:
        """One pass of either network; with `momentum_tokens`, all that the DCL losses need.

        Both networks are in the mode of the model: in training the momentum network has dropout
        too, other than the online network's, and its normalizations gather their statistics.
        Each normalization sees all 2B rows, originals and synonyms together.

        Args:
            src_tokens: (2B, T) token indices for the online network: B masked originals, then
                their B synonym sequences.
            masked_tokens: (B, T) bool: the M positions of the originals to predict. Only these
                are projected to the vocabulary.
            momentum_tokens: (2B, T) for the momentum network: each row is the partner of that
                row of `src_tokens`. Without it this is RoBERTa's forward.

        Returns:
            MLM logits (M, V), and a dictionary of `prediction`, `target` and `projection`, (2B,
            D) each: predictions of the online network, projections of the momentum network to
            be predicted (without gradient), and projections of the online network. All comes out
            of one `forward`, which the hooks of DDP rely on.

        Raises:
            InputError: there is no `Alignment`.
        """
        if momentum_tokens is None:
            return super().forward(src_tokens, *args, masked_tokens=masked_tokens, **kwargs)
        if self.alignment is None:
            raise InputError(
                "this model has no projection; --criterion dcl needs --task dcl_pretrain"
            )
        features, _ = self.encoder(src_tokens, features_only=True)  # (2B, T, C)
        original = features[: len(masked_tokens)]
        projection = self.alignment.projection(self.sentence(features, src_tokens))
        return self.encoder.output_layer(original, masked_tokens=masked_tokens), {
            "prediction": self.alignment.predictor(projection),
            "target": self.alignment.momentum_encoder(momentum_tokens),
            "projection": projection,
        }

    def upgrade_state_dict_named(self, state_dict: dict, name: str) -> None:
        """Lets the checkpoints of any RoBERTa in.

        One without an `Alignment` leaves the projection and the predictor fresh, and its encoder
        is that of the momentum network too.

        Raises:
            InputError: the checkpoint's vocabulary, positions or projections are of other sizes.
        """
        prefix = f"{name}." if name else ""
        ours = f"{prefix}alignment."
        aligned = any(key.startswith(ours) for key in state_dict)
        alignment = self.alignment
        if not aligned:
            # fairseq takes an encoder that is not in the checkpoint for one of an old version.
            self.alignment = None
        super().upgrade_state_dict_named(state_dict, name)
        self.alignment = alignment

        if alignment is None:
            return
        if aligned:
            _check_projections(alignment, state_dict, ours)
        else:
            logger.info(
                "the checkpoint has no projection: initialized; its encoder is copied to the "
                "momentum network"
            )
            _add_fresh_alignment(alignment, state_dict, prefix)


def _check_projections(alignment: Alignment, state_dict: dict, prefix: str) -> None:
    shapes = {prefix + key: value.shape for key, value in alignment.state_dict().items()}
    saved = {key: value.shape for key, value in state_dict.items() if key.startswith(prefix)}
    differing = sorted(key for key, _ in shapes.items() ^ saved.items())
    if differing:
        raise InputError(
            f"{differing[0]} of the checkpoint is not that of this run; set --projection-dim, "
            "--projection-hidden-dim and --projection-norm as in the run that wrote it"
        )


def _add_fresh_alignment(alignment: Alignment, state_dict: dict, prefix: str) -> None:
    copied = "momentum_encoder.network.encoder."
    for key, value in alignment.state_dict().items():
        if not key.startswith(copied):
            state_dict[f"{prefix}alignment.{key}"] = value
    copy_encoder(state_dict, prefix, f"{prefix}alignment.{copied}")


@register_model_architecture("dcl_roberta", "dcl_roberta_tiny")
def dcl_roberta_tiny(args) -> None:
    """Sizes for CPUs and tests: 2 layers of 128 channels."""
    tiny_architecture(args)


@register_model_architecture("dcl_roberta", "dcl_roberta")
@register_model_architecture("dcl_roberta", "dcl_roberta_base")
def dcl_roberta_base(args) -> None:
    """The figures of BERT-base, as in the paper."""
    roberta_architecture(args)


@register_model_architecture("dcl_roberta", "dcl_roberta_large")
def dcl_roberta_large(args) -> None:
    """The figures of RoBERTa-large."""
    roberta_large_architecture(args)


@register_model_architecture("dcl_roberta", "dcl_bert")
def dcl_bert(args) -> None:
    """The encoder of the file that the training starts from; without one that of BERT-base."""
    bert_architecture(args)
