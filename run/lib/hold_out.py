"""Holds out a part of one's own text, for ``run/own_corpus.sh``.

``python run/lib/hold_out.py TEXT FOLDER``: of each 200 lines of TEXT ten go to FOLDER/valid.txt and ten
to FOLDER/test.txt, at most 5,000 each, and all others to FOLDER/train.txt.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # as run/lib/check_environment.py

from data_prep.errors import InputError
from data_prep.files.text_units import input_files, stream_lines
from data_prep.files.whole import new_folder

TOGETHER = 10  # lines, so that a part has pieces of documents
EVERY = 200
MOST = 5000


def part_of(number: int) -> str:
    """The part that a line of the text goes to, by its number."""
    held_out = number // EVERY * TOGETHER < MOST
    place = (number % EVERY - EVERY) // TOGETHER  # -1: the last lines of 200
    return {-2: "valid", -1: "test"}.get(place, "train") if held_out else "train"


def hold_out(text: str, folder: Path) -> None:
    """Writes the three parts; an empty line stands where one begins anew.

    Raises:
        InputError: the text cannot be read, or is too short; or ``folder`` exists, or lies in the text.
    """
    if folder.resolve().is_relative_to(Path(text).resolve()):
        raise InputError(f"OUT: {folder.parent} lies in TEXT and would be read; name another OUT")
    with new_folder(folder) as made:
        parts = {name: made / f"{name}.txt" for name in ("train", "valid", "test")}
        files = {name: path.open("w", encoding="utf-8") for name, path in parts.items()}
        number, last = 0, "train"
        for line, _ in stream_lines(input_files([text])):
            part = part_of(number) if line else last
            if part != last:
                print(file=files[part])
            print(line, file=files[part])
            number, last = number + bool(line), part
        for file in files.values():
            file.close()
        if number < EVERY:
            raise InputError(f"TEXT: {text} has {number} lines of text; give {EVERY} or more")


if __name__ == "__main__":
    try:
        hold_out(sys.argv[1], Path(sys.argv[2]))
    except InputError as error:
        sys.exit(f"own_corpus: error: {error}")
