"""A fairseq plug-in: text models trained by contrast (``--user-dir fairseq_cline``).

``import fairseq_cline.plugin`` registers its criterions, models and tasks. fairseq imports the
folder that ``--user-dir`` names and expects the same of it: then it is loaded already.
"""

import sys

__version__ = "0.1.0"

if "fairseq" in sys.modules:  # whoever wants a part of the package alone does not wait for fairseq
    from fairseq_cline import plugin  # noqa: F401
