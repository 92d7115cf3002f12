"""The translation model of ATCL: the base Transformer with three layers on each side."""

from fairseq.models import register_model_architecture
from fairseq.models.transformer import base_architecture
from fairseq.utils import safe_getattr


@register_model_architecture("transformer", "atcl_transformer_iwslt17")
def atcl_transformer_iwslt17(args) -> None:
    """Rim et al. (2021), section 5.2: 3 instead of the 6 layers of the base Transformer."""
    args.encoder_layers = safe_getattr(args, "encoder_layers", 3)
    args.decoder_layers = safe_getattr(args, "decoder_layers", 3)
    base_architecture(args)
