"""The verb that a form is of, where that is sure."""

from __future__ import annotations

from functools import lru_cache

from data_prep.english.inflection import forms, lemmas


@lru_cache(maxsize=1 << 14)
def base_form(word: str, tag: str) -> str | None:
    """The verb that a word is the form of, for a Penn tag; None if there is none or several.

    Args:
        word: in small letters.
    """
    if tag in {"VB", "VBP"}:
        return word if forms(word, "VBZ") else None
    fitting = [base for base in lemmas(word, tag) if word in forms(base, tag)]
    return fitting[0] if len(fitting) == 1 else None
