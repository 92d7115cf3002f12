"""The base of the models here that are made of an encoder of the family.

Letters: B sentences, T tokens, C channels.
"""

from argparse import ArgumentParser, Namespace
from contextlib import nullcontext

import torch
from fairseq.models.roberta import RobertaModel
from omegaconf import OmegaConf, open_dict
from torch import Tensor, nn

from fairseq_cline.model_bases import encoder_switches
from fairseq_cline.model_bases.encoder import MaskedLmEncoder
from fairseq_cline.model_bases.roberta_checkpoints import check_embeddings, leave_out
from fairseq_cline.modules.sentence_feature import sentence_feature

POOLER = ("pooler_weight", "pooler_bias")
# Parts that pre-training adds to an encoder: CLINE's head, DCL's networks, the encoder as it was.
PARTS = ("rtd_head", "alignment", "reference")


class EncoderModel(RobertaModel):
    """fairseq's RoBERTa with the encoder of the family; it loads no file by itself.

    The rest is RoBERTa's: `--task masked_lm` pre-trains it, `sentence_prediction` fine-tunes it by
    a head of a dense layer, an activation (tanh) and dropout (--pooler-dropout) on <s>.
    """

    @staticmethod
    def add_args(parser: ArgumentParser) -> None:
        encoder_switches.add_arguments(parser)

    @classmethod
    def build_model(cls, args: Namespace, task) -> "EncoderModel":
        with open_dict(args) if OmegaConf.is_config(args) else nullcontext():
            encoder_switches.roberta_architecture(args)
            encoder_switches.check(args)
            if "max_positions" not in args:
                args.max_positions = task.max_positions()
        return cls(args, MaskedLmEncoder(args, task.source_dictionary))

    def sentence(self, features: Tensor, tokens: Tensor) -> Tensor:
        """The vector of each sentence: see `--sentence-feature`.

        Args:
            features: (B, T, C), from the last layer.
            tokens: (B, T) token indices.

        Returns:
            (B, C)
        """
        is_token = tokens.ne(self.encoder.dictionary.pad())
        return sentence_feature(features, is_token, self.args.sentence_feature)

    def register_classification_head(
        self, name: str, num_classes: int | None = None, inner_dim: int | None = None, **unused
    ) -> None:
        """Adds a head; its dense layer starts from the pooler where there is one."""
        super().register_classification_head(name, num_classes, inner_dim)
        if self.args.pooler:
            _start_from_pooler(self.classification_heads[name], self.encoder.state_dict())

    def upgrade_state_dict_named(self, state_dict: dict[str, Tensor], name: str) -> None:
        """Takes a checkpoint of any model of the family, without the parts that this one lacks.

        Classification heads that the checkpoint lacks start from its pooler.

        Raises:
            InputError: the checkpoint's vocabulary or number of positions is another.
        """
        prefix = f"{name}." if name else ""
        for part in PARTS:
            if getattr(self, part, None) is None:
                leave_out(state_dict, f"{prefix}{part}.")
        place = f"{prefix}encoder."
        if not self.args.pooler:
            leave_out(state_dict, f"{place}pooler_")
        elif all(place + part in state_dict for part in POOLER):
            pooler = {part: state_dict[place + part] for part in POOLER}
            for head in self.classification_heads.values():
                _start_from_pooler(head, pooler)  # fairseq keeps this for a head not in the file
        super().upgrade_state_dict_named(state_dict, name)
        check_embeddings(self.encoder.sentence_encoder, state_dict, prefix)


@torch.no_grad()
def _start_from_pooler(head: nn.Module, pooler: dict[str, Tensor]) -> None:
    weight, bias = (pooler[part] for part in POOLER)
    if head.dense.weight.shape == weight.shape:
        head.dense.weight.copy_(weight)
        head.dense.bias.copy_(bias)
