"""Tasks, registered on import."""

from . import cline_pretrain  # noqa: F401
