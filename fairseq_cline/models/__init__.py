"""Models and named architectures, registered on import."""

from . import cline_roberta, tensorized_transformer_lm  # noqa: F401
