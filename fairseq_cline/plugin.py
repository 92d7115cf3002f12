"""Registers the criterions, models and tasks with fairseq, on a prepared torch and fairseq."""

# In this order: compat prepares torch and fairseq for everything after it.
from fairseq_cline import compat, criterions, models, tasks  # noqa: F401
from fairseq_cline.compat import literals

literals.prepare()  # when all of fairseq's modules are there
