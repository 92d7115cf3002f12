"""Sentences of a line of text, by its punctuation.

A lower-case word continues a sentence ("Yahoo! announced"), but not where the line has no capital
letter at all, as in lower-cased corpora: there punctuation alone decides. "no." is an abbreviation
before a number.

spaCy's parser could do it better but at a tenth of the speed; a wrong cut only moves the border of
a block.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

MAX_SENTENCE_CHUNKS = 250

_ENDERS = ".!?…"
_CLOSERS = "\"')]}”’»"
_CONTINUERS = ",;:" + _ENDERS
_ABBREVIATIONS = frozenset(
    [
        "mr.",
        "mrs.",
        "ms.",
        "dr.",
        "prof.",
        "sr.",
        "jr.",
        "st.",
        "mt.",
        "rev.",
        "gen.",
        "col.",
        "capt.",
        "lt.",
        "sgt.",
        "sen.",
        "rep.",
        "gov.",
        "pres.",
        "e.g.",
        "i.e.",
        "cf.",
        "vs.",
        "viz.",
        "al.",
        "vol.",
        "pp.",
        "p.",
        "ed.",
        "fig.",
        "eq.",
        "ch.",
        "sec.",
        "approx.",
        "ca.",
        "c.",
        "jan.",
        "feb.",
        "mar.",
        "apr.",
        "jun.",
        "jul.",
        "aug.",
        "sep.",
        "sept.",
        "oct.",
        "nov.",
        "dec.",
        "u.s.",
        "u.k.",
        "u.n.",
        "inc.",
        "ltd.",
        "co.",
        "corp.",
        "dept.",
        "univ.",
        "est.",
        "a.m.",
        "p.m.",
    ]
)


@lru_cache(maxsize=1 << 16)
def _ends_sentence(chunk: str) -> bool:
    core = chunk.rstrip(_CLOSERS)
    if not core:
        return False
    if core[-1] not in _ENDERS or core.lower() in _ABBREVIATIONS:
        return False
    # An initial ("J.") or an inner dot ("U.S.A.") is no sentence end.
    letters = core[:-1]
    return not (core[-1] == "." and ((len(letters) == 1 and letters.isupper()) or "." in letters))


def split_sentences(line: str, by_line: bool = False) -> list[str]:
    """Cuts one line into sentences by its punctuation; with ``by_line`` the line is the sentence.

    Text without punctuation is cut every ``MAX_SENTENCE_CHUNKS`` space-delimited chunks.
    """
    chunks = line.split(" ")
    sentences = []
    start = 0
    for end in [*([] if by_line else _inner_ends(line, chunks)), len(chunks)]:
        while end - start > MAX_SENTENCE_CHUNKS:
            sentences.append(" ".join(chunks[start : start + MAX_SENTENCE_CHUNKS]))
            start += MAX_SENTENCE_CHUNKS
        sentences.append(" ".join(chunks[start:end]))
        start = end
    return sentences


def _inner_ends(line: str, chunks: list[str]) -> Iterator[int]:
    """The numbers of the chunks that a sentence begins with, but for the first."""
    is_lowered = line.islower()
    # How many straight quotation marks there are up to each chunk: an even number closes.
    marks = [*accumulate(chunk.count('"') for chunk in chunks)] if ' " ' in line else []
    last = len(chunks) - 1
    for place, chunk in enumerate(chunks):
        if not _ends_sentence(chunk):
            continue
        end = place + 1
        while end <= last and not chunks[end].strip(_CLOSERS):  # apart, as in tokenized text
            if end < last and (chunks[end] == "'" or (chunks[end] == '"' and marks[end] % 2)):
                break
            end += 1
        if end > last:
            return
        follower = chunks[end]
        if follower[0].isdigit() and chunk.lower() == "no.":
            continue
        if not (_continues(chunks, place, follower) if is_lowered else follower[0].islower()):
            yield end


def _continues(chunks: list[str], place: int, follower: str) -> bool:
    """Whether a lower-cased sentence goes on behind a chunk that could end it."""
    core = chunks[place].rstrip(_CLOSERS)
    word = chunks[place - 1] + core if core == "." and place else core  # "mr ."
    is_initial = len(word) == 2 and word[0].isalpha() and word != "i."
    return (
        follower[0] in _CONTINUERS
        or word.endswith(("..", "…"))
        or word in _ABBREVIATIONS
        or word == "etc."  # "(of cotton, silk etc.) used in sewing"
        or (is_initial and word[1] == ".")
        or (word[-1] in "!?" and chunks[place].endswith(")"))
    )
