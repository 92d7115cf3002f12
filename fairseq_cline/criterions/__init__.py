"""Criterions, registered on import; fairseq itself does not look into this folder."""

from . import (  # noqa: F401
    atcl_cross_entropy,
    atcl_label_smoothed_cross_entropy,
    cline,
    clld,
    dcl,
    freelb,
)
