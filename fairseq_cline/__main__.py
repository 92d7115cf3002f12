"""Print the plug-in's folder: ``fairseq-train --user-dir "$(python -m fairseq_cline)"``."""

from pathlib import Path

if __name__ == "__main__":
    print(Path(__file__).resolve().parent)
