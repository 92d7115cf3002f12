"""Models and named architectures, registered on import."""

from . import (  # noqa: F401
    bert,
    cline_roberta,
    dcl_roberta,
    tensorized_transformer_lm,
    text_cnn,
    transformer_iwslt17,
)
