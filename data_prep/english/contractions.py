"""English contractions, written out and drawn together: don't <-> do not, it's <-> it is.

Three spellings are known: "don't", "do n't" (Penn Treebank) and "don 't" (TREC).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

_AUXILIARIES = "do|does|did|is|are|was|were|has|have|had|would|could|should"
_SUFFIX_OF = {"am": "'m", "are": "'re", "is": "'s", "will": "'ll", "have": "'ve"}
_BEFORE = {
    "am": "i",
    "are": "you|we|they",
    "is": "he|she|it|that|there|here|what|who|where",
    "will": "i|you|he|she|it|we|they",
    "have": "i|you|we|they|would|could|should|might|must",
}

# A pronoun behind stands for inverted order ("don't you"), which is not written out.
_NEGATION = re.compile(
    rf"\b({_AUXILIARIES}|ca|wo)(\s?)n(\s?)['’](t)\b(?!\s+(?:i|you|he|she|it|we|they|there)\b)",
    re.IGNORECASE,
)
# 's is also "has" before a participle, and the mark of the possessive: only where it means "is".
# Participles that do not end in -ed, -en or -wn.
_PARTICIPLES = (
    "become|begun|bought|brought|built|caught|come|cut|done|felt|found|gone|got|had|heard|held|kept|"
    "led|left|let|lost|made|meant|met|paid|put|read|run|said|sent|set|sold|spent|stood|sung|taught|"
    "thought|told|understood|won"
)
_MEANS_IS = rf"(?!\s+(?:\w+\s+)?(?:{_PARTICIPLES}|own|\w+(?:ed|en|wn))\b)"
_SHORTENED = {
    verb: re.compile(
        rf"\b({_BEFORE[verb]})\s?['’]({suffix[1:]})\b{_MEANS_IS if verb == 'is' else ''}",
        re.IGNORECASE,
    )
    for verb, suffix in _SUFFIX_OF.items()
}

# "can not only sing" is no negation.
_NOT = re.compile(rf"\b(?:({_AUXILIARIES}|can|will)\s+|(can))(not)\b(?! only\b)", re.IGNORECASE)
# Nothing is drawn together where the verb is stressed: at the end of a clause ("that's what it
# is ."), and after the words that such a clause begins with ("better than it is on paper").
_PLAIN = {
    verb: re.compile(
        rf"(?<!\b(?:as|so) )(?<!\b(?:than|what) )(?<!\bhow )(?<!\bwhere )"
        rf"\b({_BEFORE[verb]})\s+({verb})(?=\s+(?!(?:and|or|but|if|when|because|though)\b)[a-z])",
        re.IGNORECASE,
    )
    for verb in ("am", "are", "is", "will")  # "they have a car" has no short form everywhere
}


def _in_case_of(word: str, other_form: dict[str, str]) -> str:
    """The other form of a word if it has one, in its letter case."""
    form = other_form.get(word.lower())
    if form is None:
        return word
    return form.upper() if word.isupper() else word[0] + form[1:]


def expand(text: str) -> str:
    """Writes contractions out, where their meaning is sure."""

    def negation(found: re.Match) -> str:
        verb = _in_case_of(found[1], {"ca": "can", "wo": "will"})
        gap = "" if verb.lower() == "can" else " "  # "cannot" is one word
        return verb + gap + ("NOT" if found[4].isupper() else "not")

    text = _NEGATION.sub(negation, text)
    for verb, pattern in _SHORTENED.items():
        text = pattern.sub(partial(_write_out, verb=verb), text)
    return text


def _write_out(found: re.Match, verb: str) -> str:
    return f"{found[1]} {verb.upper() if found[2].isupper() else verb}"


class Contraction:
    """Draws words together, in the commonest spelling of some texts (don't, do n't or don 't)."""

    def __init__(self, texts: Iterable[str]) -> None:
        texts = [*texts]
        # The space before "n't", and before its apostrophe.
        spaces = [(m[2], m[3]) for text in texts for m in _NEGATION.finditer(text)]
        self._spaces = max([("", ""), (" ", ""), ("", " ")], key=spaces.count)
        apart, joined = (
            sum(len(re.findall(rf"\w{space}['’](?:s|m|re|ll|ve)\b", text)) for text in texts)
            for space in (" ", "")
        )
        self._gap = " " if apart > joined else ""

    def __call__(self, text: str) -> str:
        text = _NOT.sub(self._negation, text)
        for verb, pattern in _PLAIN.items():
            text = pattern.sub(partial(self._draw_together, suffix=_SUFFIX_OF[verb]), text)
        return text

    def _draw_together(self, found: re.Match, suffix: str) -> str:
        return found[1] + self._gap + (suffix.upper() if found[2].isupper() else suffix)

    def _negation(self, found: re.Match) -> str:
        verb = _in_case_of(found[1] or found[2], {"can": "ca", "will": "wo"})
        before, inside = self._spaces
        short = f"{before}n{inside}'t"
        return verb + (short.upper() if found[3].isupper() else short)
