"""Menu of the commands that prepare data."""

from pathlib import Path

from data_prep.files.command_menu import menu

if __name__ == "__main__":
    print(menu(Path(__file__).parent, "data_prep"))
