"""A fairseq plug-in: text models trained by contrast (`--user-dir fairseq_cline`)."""

__version__ = "0.1.0"

# In this order: compat prepares torch and fairseq for everything after it.
from . import compat, criterions, models, tasks  # noqa: F401
