"""Tasks, registered on import."""

from . import atcl_lm, atcl_translation, cline_pretrain, dcl_pretrain  # noqa: F401
