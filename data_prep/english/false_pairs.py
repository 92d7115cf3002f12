"""Pairs of words that WordNet has as synonyms or antonyms and that are none in most sentences.

Found by reading the most frequent replacements in novels, news, captions, reviews and definitions.
"""

from __future__ import annotations

# A word > a synonym or hypernym that needs another frame ("said that") or has another sense.
_ALIKE = """
    say>tell use>apply go>move go>travel director>manager state>province goods>goodness
    range>compass sunny>gay girl>miss child>minor authority>potency remarkable>singular
    elderly>aged increase>gain living>life evidence>grounds center>middle sports>athletics
    job>occupation peculiar>rum pain>hurting growth>growing determination>finding
    red>cherry red>ruby yellow>yellowish green>greenish brown>brownish blue>bluish pink>pinkish
    kid>fry kid>minor haired>hairy eye>optic coffee>java fence>fencing clothing>wearable
    uniform>wearable attire>wearable try>essay range>reach sunny>cheery dancing>recreation
    square>rectangle melodrama>comedy
    wall>partition foreground>vista female>animal female>beast female>creature cream>elite
"""
# WordNet means "to be ignorant of" by "ignore"; nobody else does.
_OPPOSED = "know>ignore local>national international>national hire>fire top>side common>individual"


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    return frozenset((a, b) for a, _, b in (pair.partition(">") for pair in text.split()))


NOT_ALIKE, NOT_OPPOSED = _pairs(_ALIKE), _pairs(_OPPOSED)
