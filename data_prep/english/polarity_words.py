"""Words that go with one polarity, or that stand in the way of a "not"."""

from __future__ import annotations

from data_prep.english.word_sets import words

EITHER_WAY = words(
    "almost already although also anymore barely besides both but despite either even ever "
    "eventually except finally hardly however instead just least merely nearly neither no nobody none "
    "nor nothing nowhere only otherwise perhaps rarely rather scarcely seldom simply so still though "
    "till too unless unlike until whatever whether whoever without yet"
)
"""Words in whose clause no polarity is changed."""
WITHOUT_NOT = words(
    "apparently certainly clearly definitely evidently fairly few indeed largely mainly maybe "
    "mostly obviously occasionally partly possibly practically presumably pretty probably quite "
    "several slightly somewhat sometimes surely undoubtedly virtually"
)
"""Words that stand before "not", or that do not go with it: a clause with them gets none."""
WITH_NOT = words(
    "altogether as bit clue damn drop enough exactly far inch iota jack long means minute moment much "
    "necessarily ounce particularly penny quite really second shred single slightest soul squat than "
    "thing whit wink word zilch"
)
"""Words that mean something else, or nothing, without "not": a clause with them keeps it."""
FIRST = words(
    "admittedly arguably fortunately frankly happily hence honestly hopefully ironically later luckily "
    "sadly soon surprisingly thankfully then therefore thus truly undeniably unfortunately"
)
"""Adverbs that stand before "not" where they follow the finite verb."""
LINKS = words(
    "although because despite due except lest since so still thanks though till unless until whereas "
    "whether without"
)
"""Beginnings of what "not" may govern, or of what contradicts it, wherever they follow it."""
ELSEWHERE = words("but consequently neither not n't n’t result so therefore thus too")
"""Words that lean on the clause before, from a clause that is coordinated with it."""
CAN_NOT = words("afford bear begin help seem stand wait")
"""Verbs with another sense behind "can not": "can not help laughing"."""

TO_POSITIVE = {
    "any": "some",
    "anybody": "somebody",
    "anyone": "someone",
    "anything": "something",
    "anywhere": "somewhere",
}
TO_NEGATIVE = {positive: negative for negative, positive in TO_POSITIVE.items()}
LIMITED = frozenset({*TO_POSITIVE, "anymore", "anyway", "ever", "yet"})
"""Words that go with negation, or with words that have one inside ("hard", "impossible")."""
