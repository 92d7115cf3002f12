"""Menu of the evaluations: the question, the table or figure of the paper, how it is called."""

import re
import sys
from pathlib import Path

from data_prep.files.command_menu import Command, check_words, menu

PAPER = re.compile(
    r"\b(CLINE|DCL|ATCL|CLLD)\b.{0,80}?\b((?:Table|Figure)s? \d+(?:(?:,| and) \d+)*)"
)


def table_of_paper(command: Command) -> str:
    """The table or figure of a paper that a command makes, in brackets; "" if it is shown already."""
    found = PAPER.search(" ".join(command.docstring.split()))
    return f"[{found[1]}, {found[2]}]" if found and found[2] not in command.summary else ""


if __name__ == "__main__":
    here = Path(__file__).parent
    check_words(sys.argv[1:], here, "fairseq_cline.evaluation")
    print(menu(here, "fairseq_cline.evaluation", examples=True, note=table_of_paper))
