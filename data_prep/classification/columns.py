"""Columns of labeled text that are not what they should be: names on top, or the label last."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from data_prep.errors import InputError
from data_prep.files.name_lists import listed, shortened

if TYPE_CHECKING:
    from data_prep.classification.examples import Example

# Usual names of columns, without digits and signs: "gold_label", "sentence1", "#1 String".
_LABELS = frozenset(
    [
        "category",
        "class",
        "classname",
        "goldlabel",
        "intent",
        "isduplicate",
        "label",
        "labels",
        "polarity",
        "quality",
        "rating",
        "score",
        "sentiment",
        "stance",
        "stars",
        "target",
        "topic",
    ]
)
_TEXTS = frozenset(
    [
        "abstract",
        "answer",
        "batchid",
        "body",
        "claim",
        "comment",
        "content",
        "description",
        "document",
        "headline",
        "hypothesis",
        "message",
        "paragraph",
        "passage",
        "perspective",
        "phrase",
        "premise",
        "query",
        "question",
        "review",
        "sentence",
        "sentences",
        "string",
        "text",
        "texts",
        "title",
        "tweet",
        "utterance",
    ]
)
_ENOUGH = 10  # lines that tell what a text of the file looks like
_SHARE = 0.25  # of the lines: texts are that many at least, where each of them comes a few times


def check_columns(examples: Sequence[Example], path: str | os.PathLike[str]) -> None:
    """Looks whether the lines of a file are examples with the label in front.

    Raises:
        InputError: the first line names the columns, or the label comes last.
    """
    if _is_header(*examples):
        line = "<TAB>".join(map(shortened, (examples[0].label, *examples[0].texts)))
        raise InputError(
            f"{path}, line 1: '{line}' looks like names of the columns; remove the line, or, if it "
            "is an example, move it down"
        )
    if _is_swapped(examples):
        first, last = ({*column} for column in (_labels(examples), _last_texts(examples)))
        raise InputError(
            f"{path}: the label seems to be in the last column, which has {len(last):,} different "
            f"values ({listed(sorted(last))}), the first {len(first):,}; put it into the first: "
            "label<TAB>text[<TAB>second text]"
        )


def is_number(text: str) -> bool:
    """Whether a text is a finite number, as the labels of a regression are."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_header(first: Example, *others: Example) -> bool:
    if is_number(first.label) or any(other.label == first.label for other in others):
        return False
    if all(_plain(text) in _TEXTS for text in first.texts):
        return True
    if _plain(first.label) in _LABELS and _words(first.texts) <= 2 * len(first.texts):
        return True
    # "3,5" is a number that is not written so.
    begins_with_digit = re.match(r"[+.-]*\d", first.label) is not None
    if not begins_with_digit and len(others) > 1 and all(map(_has_number, others)):
        return True
    is_short = _words(first.texts) == len(first.texts)
    return (
        is_short
        and len(others) >= _ENOUGH
        and all(_words(other.texts) > len(other.texts) for other in others)
    )


def _has_number(example: Example) -> bool:
    return is_number(example.label)


def _is_swapped(examples: Sequence[Example]) -> bool:
    labels, texts = _labels(examples), _last_texts(examples)
    if all(map(is_number, labels)):
        return False
    count, count_last = len({*labels}), len({*texts})
    if count < _SHARE * len(labels):
        return False
    if all(map(is_number, texts)):  # texts may well be numbers, such as an answer to be judged
        return count >= count_last
    return count >= 2 * count_last and _words(labels) > _words(texts)


def _labels(examples: Sequence[Example]) -> list[str]:
    return [example.label for example in examples]


def _last_texts(examples: Sequence[Example]) -> list[str]:
    return [example.texts[-1] for example in examples]


def _plain(name: str) -> str:
    return re.sub(r"[\W\d_]+", "", name.casefold())


def _words(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)
