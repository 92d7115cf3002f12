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
        "able acceptable afraid attractive available aware certain comfortable common "
        "conscious convinced convincing cooperative democratic desirable employed equal ethical "
        "exciting expected fair faithful familiar fashionable favorable finished fit fortunate "
        "friendly grateful happy healthy helpful important impressive injured intelligent "
        "interested interesting kind known likely lucky manageable married natural necessary "
        "original patriotic pleasant popular predictable productive professional "
        "profitable published qualified ready realistic reasonable related reliable "
        "satisfactory scientific selfish skilled solved stable steady successful suitable "
        "sure sympathetic tidy usual welcome willing wise worthy written"
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
_FULL = "care color harm meaning merci pain power use"
# Pairs of everyday words: "a/b" either way, "a>b" one way only. The first that has a word counts.
_EVERYDAY = (
    "good/bad big/small large>small sad>happy strong/weak fast/slow quick>slow easy/difficult "
    "hard>easy true/false right/wrong clean/dirty smart/stupid clever>stupid wet/dry awake/asleep "
    "open/closed shut>open cheap/expensive wide/narrow deep/shallow high/low loud/quiet "
    "noisy>quiet sick>healthy ill>healthy brave/cowardly rude>polite guilty/innocent male/female "
    "single>married present/absent public/private drunk/sober boring>interesting dull>interesting "
    "simple/complicated rough/smooth tight/loose optional/mandatory permanent/temporary "
    "strange>normal weird>normal tall>short messy>tidy optimistic/pessimistic generous/stingy "
    "vacant/occupied genuine/fake authentic>fake major/minor voluntary/compulsory finite/infinite "
    "calm/nervous broad>narrow"
)
# Words whose opposite depends on the subject: a person, another living thing, a thing that can be
# touched, or one that cannot.
_BY_SUBJECT = {
    "person": (
        "alive/dead beautiful/ugly fat/thin handsome>ugly old/young overweight>thin "
        "prepared/unprepared pretty>ugly rich/poor short>tall skinny>fat slender>fat slim>fat "
        "wealthy>poor"
    ),
    "life": "alive/dead beautiful/ugly fat/thin old/young short>tall",
    "body": "beautiful/ugly heavy>light old/new safe/dangerous short/long thin/thick",
    "idea": "clear/unclear old/new safe/dangerous short/long",
}

# Complements that the opposite takes too. A clause, and an infinitive:
_BEFORE = {
    "clause": words(
        "certain clear false fortunate good important impossible likely possible probable improbable "
        "sure true uncertain unclear unfortunate unimportant unlikely unsure"
    ),
    "infinitive": words(
        "able afraid bad dangerous difficult easy fair good hard illegal important impolite impossible "
        "legal likely necessary polite possible reasonable right safe unable unafraid unfair unlikely "
        "unnecessary unreasonable unwilling unwise willing wise wrong"
    ),
}
# With such a complement alone.
_NEVER_BARE = words("certain hard uncertain")
# A prepositional phrase, of everyday words with these alone; of the others with any.
_PREPOSITIONS = frozenset({"at", "for", "in"})
_BARE = words(
    "absent alive available clear closed common dead irresponsible known open present responsible "
    "sensitive simple unavailable unclear unknown unwelcome welcome"
)
# Participles that are adjectives although a parser takes them for a passive.
STATES = words("closed employed interested married prepared qualified related satisfied")

_PERSONS = words("he she i you we").union(NAMES["woman"], NAMES["man"])
_THINGS = frozenset({"it", "this", "that"})
# WordNet's names for the parts of its nouns.
_KINDS = {"person": "person", "animal": "life", "plant": "life"} | dict.fromkeys(
    ("artifact", "body", "object", "substance"), "body"
)


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
        [f"{word}/{prefix}{word}" for prefix, line in _PREFIXED.items() for word in line.split()]
        + [f"{stem}ful/{stem}less" for stem in _FULL.split()]
    )
)
_ANY = _table(_EVERYDAY)
_OF_KIND = {kind: _table(pairs) for kind, pairs in _BY_SUBJECT.items()}
_DIVIDED = frozenset(word for table in _OF_KIND.values() for word in table)
WORDS = frozenset({*_FORMED, *_ANY, *_DIVIDED})


def exclusive_antonym(word: str, subject: str, complement: str) -> str | None:
    """The antonym of a predicate adjective that excludes it; None where there is no sure one.

    Args:
        word: the adjective, in small letters.
        subject: the noun, name or pronoun that it is said of, as it is written; for a plural noun its
            singular.
        complement: "" if none follows, "clause", "infinitive", or the preposition of the phrase that
            follows.
    """
    if complement in _BEFORE:
        if word not in _BEFORE[complement]:
            return None
    elif word in _NEVER_BARE:
        return None
    elif complement:
        is_formed = word in _FORMED and word not in _ANY
        if word in _BARE or not (is_formed or complement in _PREPOSITIONS):
            return None
    if word in _DIVIDED:
        # "It is clear that": the clause is the subject.
        table = _OF_KIND.get("idea" if complement in _BEFORE else _kind_of(subject), {})
        return table.get(word) or (table and _ANY.get(word)) or None
    return _ANY.get(word) or _FORMED.get(word)


@lru_cache(maxsize=1 << 12)
def _kind_of(subject: str) -> str:
    """The part of ``_BY_SUBJECT`` that a subject belongs to; "" where that is not sure."""
    if subject.lower() in _PERSONS or subject in _PERSONS:
        return "person"
    if subject.lower() in _THINGS:
        return "idea"
    senses = wordnet.open_wordnet().synsets(subject, "n") if subject.islower() else []
    if not senses:
        return ""
    if subject == "people":
        return "person"
    kind = senses[0].lexname().removeprefix("noun.")
    return "" if kind == "group" else _KINDS.get(kind, "idea")
