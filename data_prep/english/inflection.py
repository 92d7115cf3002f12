"""Forms and lemmas of English words, as lemminflect's dictionary has them.

Its rules for unknown words would give "beautifuler".
"""

from __future__ import annotations

from functools import lru_cache

_PARTS_OF_SPEECH = {"N": "NOUN", "V": "VERB", "J": "ADJ", "R": "ADV"}


def forms(lemma: str, tag: str) -> tuple[str, ...]:
    """The forms of a lemma for a Penn tag, the commonest first; none of a lemma that is not known."""
    return _all_forms(lemma, _PARTS_OF_SPEECH[tag[0]]).get(tag, ())


@lru_cache(maxsize=1 << 14)
def _all_forms(lemma: str, part_of_speech: str) -> dict[str, tuple[str, ...]]:
    import lemminflect

    found = lemminflect.getAllInflections(lemma, part_of_speech)
    if "VBD" in found:  # where both are the same the dictionary has the past tense alone
        found.setdefault("VBN", found["VBD"])
    return {tag: tuple(map(str.lower, words)) for tag, words in found.items()}


@lru_cache(maxsize=1 << 14)
def lemmas(word: str, tag: str) -> tuple[str, ...]:
    """The lemmas that a word in small letters may be a form of, by the part of speech of a Penn tag."""
    import lemminflect

    return lemminflect.getLemma(word, _PARTS_OF_SPEECH[tag[0]], lemmatize_oov=False)
