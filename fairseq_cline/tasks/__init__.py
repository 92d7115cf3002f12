"""Tasks, registered on import."""

from . import atcl_lm, cline_pretrain  # noqa: F401
