"""Encoders of the family for masked_lm and fine-tuning: BERT, DistilBERT, ALBERT, RoBERTa.

`bert` and `albert` take every size that is not typed from --finetune-from-model or --restore-file.
"""

from argparse import Namespace

from fairseq.models import register_model, register_model_architecture

from fairseq_cline.model_bases.encoder_files import bert_architecture, fill_in_from_file
from fairseq_cline.model_bases.encoder_model import EncoderModel
from fairseq_cline.model_bases.encoder_switches import fill_in, roberta_architecture
from fairseq_cline.model_bases.roberta_tiny import tiny_architecture


@register_model("bert")
class BertModel(EncoderModel):
    """An encoder of the family with nothing added.

    Sentence-order prediction, ALBERT's second loss, is left out.
    """


@register_model_architecture("bert", "bert")
def bert(args: Namespace) -> None:
    """The encoder of the file that the training starts from; without one that of BERT-base."""
    bert_architecture(args)


@register_model_architecture("bert", "albert")
def albert(args: Namespace) -> None:
    """The encoder of the file that the training starts from; without one that of ALBERT-base."""
    fill_in_from_file(args)
    albert_base(args)


@register_model_architecture("bert", "albert_base")
def albert_base(args: Namespace) -> None:
    """The figures of ALBERT-base (Lan et al. 2020, Table 1): those of BERT-base, with E = 128."""
    fill_in(args, embedding_dim=128, share_layers=True, hub_type="albert")
    roberta_architecture(args)


@register_model_architecture("bert", "albert_tiny")
def albert_tiny(args: Namespace) -> None:
    """Sizes for CPUs and tests: 2 passes of 128 channels."""
    fill_in(args, embedding_dim=32, share_layers=True, hub_type="albert")
    tiny_architecture(args)
