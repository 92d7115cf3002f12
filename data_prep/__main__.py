"""Menu of the commands that prepare data."""

import sys
from pathlib import Path

from data_prep.files.command_menu import check_words, menu

if __name__ == "__main__":
    here = Path(__file__).parent
    check_words(sys.argv[1:], here, "data_prep")
    print(menu(here, "data_prep"))
