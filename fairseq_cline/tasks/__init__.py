"""Tasks, registered on import."""

from . import atcl_lm, atcl_translation, cline_pretrain, clld_classification, dcl_pretrain  # noqa: F401
