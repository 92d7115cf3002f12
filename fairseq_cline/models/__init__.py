"""Models and named architectures, registered on import."""

from . import cline_roberta, dcl_roberta, tensorized_transformer_lm, transformer_iwslt17  # noqa: F401
