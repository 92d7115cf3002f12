"""Adjectives that name an end of a scale on which the adjectives near them lie too.

WordNet gathers adjectives around heads, and only heads have antonyms. What is "huge" is large and
so not small; but "own" is near "personal" and is not the opposite of "impersonal", nor is "yellow"
that of "achromatic". So only these heads lend their antonyms, and may stand for what is near them.
"""

from __future__ import annotations

from data_prep.english.word_sets import words

SCALES = words("""
    bad beautiful big boring brave calm clean comfortable complex cowardly cruel dangerous difficult
    dirty dishonest dry dull easy exciting expensive extraordinary familiar fast fat friendly
    generous gentle good happy harmful heavy honest humorous important impossible innocent
    intelligent interesting kind known large little loud mild modest noisy old ordinary perfect
    pleasant pleasing polite poor popular possible powerful powerless quiet rapid rare rich rough
    rude safe silent simple small smart smooth soft strong stupid thick thin tiny ugly uncommon
    unfamiliar unhappy unimportant uninteresting unknown unpleasant useful useless valuable weak wet
    worthless wrong
""")
