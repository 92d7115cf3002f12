"""Criterions, registered on import; fairseq itself does not look into this folder."""

from . import cline  # noqa: F401
