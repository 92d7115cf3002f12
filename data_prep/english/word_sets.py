"""Sets of words, written as text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words between the spaces of a text."""
    return frozenset(text.split())
