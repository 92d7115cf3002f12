"""Nouns, verbs, adjectives and adverbs by their tag that carry grammar or degree, and no content.

An opposite or a synonym of such a word is rarely one in its sentence: "very" is not "real", "none"
is not "hour". They are never replaced and never stand for another word.
"""

from __future__ import annotations

from data_prep.english.word_sets import words

_BY_KIND = {
    "auxiliaries, negation and the rests of contractions": """
        ai am are be been being ca can cannot could d did do does doing done gonna gotta had has
        have having is let lets ll m may might must n't need nt not ought re s shall should ve wanna
        was were will wo would""",
    "quantity": """
        all another any both couple double dozen dozens each either enough every extra few fewer
        fewest half hundred hundreds least less lesser lot lots majority many more most much neither
        no none numerous number numbers only other others part plenty several single some such
        thousand thousands total twice various whole""",
    "pro-forms": """
        anybody anyone anything anyway anywhere else everybody everyone everything everywhere here
        nobody nothing nowhere one ones own same self somebody someone something somehow somewhere
        so sort sorts kind kinds stuff there thing things type types way ways likewise""",
    "order": """
        eighth fifth final first fourth last latter former next ninth second secondly seventh sixth
        tenth third firstly lastly previous""",
    "degree and focus": """
        about absolutely again ago almost alone altogether around as away back barely besides but
        certainly completely course dead definitely down entirely especially essentially even
        exactly extremely fairly far fully hardly highly indeed instead just largely likely long
        longer mainly merely mostly nearly off on out over particularly partly perhaps maybe
        possibly precisely presumably pretty primarily probably quite rather really scarcely simply
        slightly somewhat specially specifically sure surely still that then this though through
        thus together too totally truly up utterly very virtually well wholly worth""",
    "time and connection": """
        accordingly after afterward afterwards already also always anymore before consequently
        earlier ever finally forever furthermore hence however later lately meanwhile moreover
        nevertheless never nonetheless now once otherwise similarly since sometimes soon
        subsequently therefore today tomorrow tonight yesterday yet when where why how""",
    "abbreviations": "hr hrs min mins sec secs yr yrs",
    "words that only take their meaning from others": """
        able apt certain due like likely mere particular respective unable used supposed""",
}  # fmt: skip

EMPTY_WORDS = frozenset().union(*map(words, _BY_KIND.values()))
