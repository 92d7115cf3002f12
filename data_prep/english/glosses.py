"""WordNet's glosses: a definition and example sentences for each synset."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data_prep.english.installed import wordnet_path

PARTS_OF_SPEECH = ("noun", "verb", "adj", "adv")

# A quotation behind a separator is the first example; any other belongs to the definition.
_EXAMPLE_START = re.compile(r'[;:,]\s*"')
# Words that lead up to an example and say nothing without it.
_LEAD_IN = re.compile(r"[\s;:,]*(\b(as in|e\.g\.)[\s,]*)*$")


@dataclass(frozen=True)
class Synset:
    """A line of WordNet's data files."""

    offset: str
    """Place in its file, eight digits."""
    pos: str
    """Part of speech, as in ``PARTS_OF_SPEECH``."""
    file: str
    """Number of the lexicographers' file that it comes from, two digits."""
    gloss: str
    """The definition and the examples."""

    @property
    def id(self) -> str:
        """The synset's name, such as ``00001740-noun``."""
        return f"{self.offset}-{self.pos}"


def read_synsets(folder: Path, pos: Sequence[str] = PARTS_OF_SPEECH) -> Iterator[Synset]:
    """The synsets of a WordNet folder, in WordNet's order."""
    for name in pos:
        with open(folder / f"data.{name}", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith(" "):  # the license
                    record, _, gloss = line.partition(" | ")
                    offset, file = record.split(" ", 2)[:2]
                    yield Synset(offset, name, file, gloss.strip())


def noun_definitions() -> Iterator[tuple[str, str]]:
    """The topic and the definition of each noun: ``("animal", "a young dog")``.

    The topic is the name of the noun's file: act, animal, artifact, attribute, body, ...

    Raises:
        ResourceError: WordNet is not installed.
    """
    folder = Path(wordnet_path())
    rows = (line.split() for line in (folder / "lexnames").read_text("utf-8").splitlines())
    topics = {number: name.removeprefix("noun.") for number, name, _ in rows}
    for synset in read_synsets(folder, ["noun"]):
        yield topics[synset.file], split_gloss(synset.gloss)[0]


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
