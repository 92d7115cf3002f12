"""Models and named architectures, registered on import."""

from . import cline_roberta  # noqa: F401
