"""WordNet's glosses: a definition and example sentences for each synset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PARTS_OF_SPEECH = ("noun", "verb", "adj", "adv")

# A quotation that follows a separator is the first example; any other belongs to the definition.
_EXAMPLE_START = re.compile(r'[;:,]\s*"')
# What leads up to an example and says nothing without it.
_LEAD_IN = re.compile(r"[\s;:,]*(\b(as in|e\.g\.)[\s,]*)*$")


def read_synsets(folder: Path) -> Iterator[tuple[str, str]]:
    """Every synset as (id, gloss), in WordNet's order; an id is ``00001740-noun``."""
    for pos in PARTS_OF_SPEECH:
        with open(folder / f"data.{pos}", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith(" "):  # the license
                    record, _, gloss = line.partition(" | ")
                    yield f"{record[:8]}-{pos}", gloss.strip()


def split_gloss(gloss: str) -> list[str]:
    """The definition, then the example sentences, of a gloss such as ``a; b; "c d"; "e f"``.

    Remarks and sources after an example (``"c d"- Jane Austen``) are left out. About 20 glosses
    lack a quotation mark; there, all that follows the definition counts as examples.
    """
    definition, quoted = gloss, ""
    for start in _EXAMPLE_START.finditer(gloss):
        before = gloss[: start.start()]
        if before.count("(") <= before.count(")"):
            definition, quoted = before, gloss[start.end() :]
            break
    if definition.count('"') % 2:
        definition = definition.replace('"', "")
    # `quoted` begins inside the quotation marks, so the even pieces are the examples.
    pieces = quoted.split('"')
    closed = len(pieces) % 2 == 0
    examples = [piece.strip(" ;,:") for piece in (pieces[::2] if closed else pieces)]
    texts = [_LEAD_IN.sub("", definition), *(text for text in examples if text[:1] != "-")]
    return [" ".join(text.split()) for text in texts if text]
