"""Titles of evaluations on a page, from files beside the results.

A file `titles.tsv` of a folder has lines of name<TAB>title, or name<TAB>title<TAB>a sentence that
explains. The name is that of a JSON file, seen from the folder and with `seed*` for all seeds, or
`.` for the folder itself.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import UTF_8
from data_prep.files.inputs import read_bounded

FILE = "titles.tsv"
_MOST_BYTES = 1 << 20
_SEED = re.compile(r"seed\d+")


class Title(NamedTuple):
    """The name of an evaluation or a folder, for readers."""

    title: str
    words: str = ""  # explain it


def seeds_as_one(path: str) -> str:
    """The path with `seed*` for the number of a seed."""
    return _SEED.sub("seed*", path)


def read_titles(folder: Path) -> tuple[dict[str, Title], dict[str, str]]:
    """Reads all files of titles under a folder.

    Returns:
        name, seen from the folder -> title; and path -> reason of the files that are left out.
    """
    found: dict[str, Title] = {}
    left_out = {}
    for file in sorted(folder.rglob(FILE)):
        inside = file.parent.relative_to(folder)
        try:
            titles = _parse(read_bounded(file, _MOST_BYTES))
        except InputError as error:
            left_out[(inside / FILE).as_posix()] = str(error).removeprefix(f"{file}: ")
        else:
            found |= {(inside / name).as_posix(): title for name, title in titles.items()}
    return found, left_out


def _parse(content: bytes) -> dict[str, Title]:
    try:
        lines = content.decode(UTF_8).splitlines()
    except UnicodeDecodeError as error:
        raise InputError("no text in UTF-8; make it again") from error
    titles = {}
    for number, line in enumerate(lines, 1):
        name, *words = line.split("\t")
        if not line.strip():
            continue
        if not 1 <= len(words) <= 2 or not name or not words[0]:
            raise InputError(f"line {number}: wanted name<TAB>title[<TAB>words]; mend it")
        titles[name] = Title(*words)
    return titles


def title_of(name: str, titles: dict[str, Title], default: str) -> Title:
    """The title of an evaluation: that of a file of titles, else made of the path.

    Args:
        name: path of its file, or with `seed*` for all seeds.
        default: the title of a path that says nothing.
    """
    seeds = ", ".join(f"seed {one}" for one in re.findall(r"seed(\d+)", name))
    if found := titles.get(seeds_as_one(name)):
        folder = folder_title(name, titles).title
        parts, words = [": ".join(filter(None, [folder, found.title]))], found.words
    else:
        parts, words = [*map(_without_seed, name.removesuffix(".json").split("/"))], ""
    return Title(", ".join(filter(None, [*parts, seeds])) or default, words)


def folder_title(name: str, titles: dict[str, Title]) -> Title:
    """The title of the innermost folder of a path that has one."""
    # Without the folder of all files, whose title is that of the page.
    parents = [parent.as_posix() for parent in Path(name).parents][:-1]
    return next((titles[parent] for parent in parents if parent in titles), Title(""))


def _without_seed(part: str) -> str:
    return re.sub(r"[-_. ]?seed(\d+|\*)[-_. ]?", "", part)
