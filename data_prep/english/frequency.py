"""The frequency of English words in general use: of words that are in use at all.

Web pages, books, news, subtitles and encyclopedias together, as the package ``wordfreq`` counts
them. A corpus of the user's own is too small to tell a rare word from an unusual one.
"""

from __future__ import annotations

from functools import cache

FAR = 40.0  # times less frequent: "metropolis" for "city" is odd, "automobile" for "car" is not


@cache
def _frequencies() -> dict[str, float]:
    """Word -> share of all words; those of at least one in a million."""
    from wordfreq import get_frequency_dict

    return get_frequency_dict("en", wordlist="small")


def in_use(word: str) -> bool:
    """Whether a lower-case word occurs at least once in a million words."""
    return word in _frequencies()


def frequency(word: str) -> float:
    """The share of a lower-case word in all words; 0 for one that is not in use."""
    return _frequencies().get(word, 0.0)


def far_rarer(word: str, than: str) -> bool:
    """Whether a word is so much rarer than another one that readers would stop at it."""
    return FAR * frequency(word) < frequency(than)
