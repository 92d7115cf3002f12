"""Forms of English verbs, as lemminflect's dictionary has them."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1 << 14)
def forms(base: str, tag: str) -> tuple[str, ...]:
    """The forms of a verb for a Penn tag, the commonest first; none of a verb that is not known."""
    import lemminflect

    return tuple(map(str.lower, lemminflect.getInflection(base, tag, inflect_oov=False)))


@lru_cache(maxsize=1 << 14)
def base_form(word: str, tag: str) -> str | None:
    """The verb that a word is the form of, for a Penn tag; None if there is none or several.

    Args:
        word: in small letters.
    """
    import lemminflect

    if tag in {"VB", "VBP"}:
        return word if forms(word, "VBZ") else None
    bases = [base for base in lemminflect.getAllLemmas(word, "VERB").get("VERB", ())]
    fitting = [base for base in bases if word in forms(base, tag)]
    return fitting[0] if len(fitting) == 1 else None
