"""A fairseq plug-in: text models trained by contrast (``--user-dir fairseq_cline``).

``import fairseq_cline.plugin`` registers its criterions, models and tasks. fairseq imports the
folder that ``--user-dir`` names and expects the same of it: then it is loaded already.
"""

import logging
import sys

from data_prep.files import interrupts

__version__ = "0.1.0"

if interrupts.started_command():  # the list of mends is for the logs of fairseq's programs
    logging.getLogger("fairseq_cline.compat.fairseq_fixes").setLevel(logging.WARNING)

if "fairseq" in sys.modules:  # whoever wants a part of the package alone does not wait for fairseq
    from fairseq_cline import plugin  # noqa: F401
