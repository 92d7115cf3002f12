"""Adjectives that exclude each other or nearly do: who is not the one is the other, in everyday use.

"Healthy" and "unhealthy" divide their field, and speakers use "fat" and "thin" as if these did. Pairs
with a word of their own between them ("hot", "cold": warm) are left out, and so are colors, numbers
and adjectives whose opposite depends on more than the subject ("light": heavy or dark).
"""

from __future__ import annotations

from functools import lru_cache

from data_prep.english import wordnet
from data_prep.english.names import NAMES
from data_prep.english.word_sets import words

# A prefix, and words that it turns into the opposite: WordNet has both words as adjectives.
_PREFIXED = {
    "un": (
        "able acceptable afraid attractive available aware certain clear comfortable common "
        "conscious convinced convincing cooperative democratic desirable employed equal ethical "
        "exciting expected fair faithful familiar fashionable favorable finished fit fortunate "
        "friendly grateful happy healthy helpful important impressive injured intelligent "
        "interested interesting kind known likely lucky manageable married natural necessary "
        "original patriotic pleasant popular predictable prepared productive professional "
        "profitable published qualified ready real realistic reasonable related reliable "
        "satisfactory scientific selfish skilled solved stable steady successful suitable sure "
        "sympathetic tidy usual welcome willing wise worthy written"
    ),
    "in": (
        "accessible accurate active adequate appropriate attentive audible capable coherent "
        "compatible competent complete conclusive consistent convenient correct curable decisive "
        "direct discreet edible effective efficient eligible exact expensive experienced flexible "
        "formal frequent hospitable humane offensive sane secure sensitive significant sincere "
        "soluble sufficient tolerant valid visible"
    ),
    "im": (
        "mature mobile moral mortal movable patient perfect plausible polite possible practical "
        "precise probable proper pure"
    ),
    "ir": "rational regular relevant resistible responsible reversible",
    "il": "legal legible legitimate literate logical",
    "dis": "honest loyal obedient organized respectful satisfied similar",
    "ab": "normal",
}
# Words in "-ful" whose opposite ends in "-less", by what is before.
_FULL = "care color harm hope meaning merci pain power use"
# Pairs of everyday words: "a/b" either way, "a>b" one way only. The first that has a word counts.
_EVERYDAY = (
    "good/bad big/small large>small huge/tiny fat/thin sad>happy rich/poor strong/weak fast/slow "
    "quick>slow easy/difficult hard>easy true/false right/wrong beautiful/ugly clean/dirty "
    "smart/stupid clever>stupid wet/dry full/empty alive/dead awake/asleep safe/dangerous "
    "unsafe>safe open/closed shut>open cheap/expensive heavy>light wide/narrow deep/shallow high/low "
    "loud/quiet noisy>quiet sick>healthy ill>healthy brave/cowardly rude>polite guilty/innocent "
    "male/female single>married present/absent public/private drunk/sober boring>interesting "
    "dull>interesting simple/complicated rough/smooth tight/loose optional/mandatory "
    "permanent/temporary strange>normal weird>normal fake>real tall>short"
)
# The opposite where the subject is a person, and where it is a thing.
_OF_PERSONS = "old/young short>tall"
_OF_THINGS = "old/new short/long thin/thick"

# Complements that the opposite takes too. A clause:
_BEFORE_CLAUSES = words(
    "able bad dangerous difficult easy fair good hard illegal impossible legal likely necessary "
    "possible probable reasonable right safe unable unfair unlikely unnecessary unreasonable "
    "unsafe unwilling unwise willing wise wrong"
)
# A prepositional phrase, of everyday words with these alone; of the others with any.
_PREPOSITIONS = frozenset({"at", "for", "in"})
_BARE = words(
    "common full empty irresponsible known open closed responsible sensitive simple unknown "
    "available unavailable alive dead present absent"
)
# Participles that are adjectives although a parser takes them for a passive.
STATES = words("closed employed interested married prepared qualified related satisfied")

_PERSONAL = frozenset({"he", "she", "i", "you", "we"})
_THINGS = frozenset({"it", "this", "that"})
_FIRST_NAMES = frozenset(name for kind in ("woman", "man") for name in NAMES[kind])


def _table(pairs: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for pair in pairs.split():
        first, second = pair.replace(">", "/").split("/")
        table.setdefault(first, second)
        if "/" in pair:
            table.setdefault(second, first)
    return table


_FORMED = _table(
    " ".join(
        [f"{word}/{prefix}{word}" for prefix, words in _PREFIXED.items() for word in words.split()]
        + [f"{stem}ful/{stem}less" for stem in _FULL.split()]
    )
)
_ANY, _PERSON, _THING = _table(_EVERYDAY), _table(_OF_PERSONS), _table(_OF_THINGS)
WORDS = frozenset({*_FORMED, *_ANY, *_PERSON, *_THING})


def exclusive_antonym(word: str, subject: str, complement: str) -> str | None:
    """The antonym of a predicate adjective that excludes it; None where there is no sure one.

    Args:
        word: the adjective, in small letters.
        subject: the noun, name or pronoun that it is said of, as it is written; for a plural noun its
            singular.
        complement: "" if none follows, "clause", or the preposition of the phrase that does.
    """
    formed = word in _FORMED and word not in _ANY
    if complement == "clause":
        if word not in _BEFORE_CLAUSES:
            return None
    elif complement and (word in _BARE or not (formed or complement in _PREPOSITIONS)):
        return None
    if word not in _PERSON and word not in _THING:
        return _ANY.get(word) or _FORMED.get(word)
    person = _is_person(subject)
    if person is None:
        return None
    return (_PERSON if person else _THING).get(word) or _ANY.get(word)


@lru_cache(maxsize=1 << 12)
def _is_person(subject: str) -> bool | None:
    """Whether a subject is a person; None where that is not sure."""
    word = subject.lower()
    if word in _PERSONAL or subject in _FIRST_NAMES:
        return True
    if word in _THINGS:
        return False
    senses = wordnet.open_wordnet().synsets(word, "n")[:1] if subject == word else []
    return senses[0].lexname() == "noun.person" if senses else None
