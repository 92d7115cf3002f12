"""Print the plug-in's folder: ``fairseq-train --user-dir "$(python -m fairseq_cline)"``."""

import sys
from pathlib import Path

if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(
            "fairseq_cline: error: this prints the plug-in's folder; fairseq-cline has the commands"
        )
    print(Path(__file__).resolve().parent)
