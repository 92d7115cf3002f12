"""Nouns, verbs, adjectives and adverbs by their tag that carry grammar or degree, and no content.

An opposite or a synonym of such a word is rarely one in its sentence: "very" is not "real", "none"
is not "hour". They are never replaced and never stand for another word.
"""

from __future__ import annotations

from data_prep.english.word_sets import words

_BY_KIND = {
    "auxiliaries, negation and the rests of contractions": """
        ai am are be been being ca can cannot could d did do does doing done gonna gotta had has
        have having is ll m may might must need nt not ought re s shall should ve wanna
        was were will wo would""",
    "verbs that leave the meaning to their object": """
        get gets getting got gotten let lets letting make makes making made put puts putting take
        takes taking taken took""",
    "quantity": """
        all another any both couple double dozen dozens each either enough every extra few fewer
        fewest half hundred hundreds least less lesser lot lots majority many more most much neither
        no none numerous number numbers only other others part plenty several single some such
        thousand thousands total twice various whole""",
    "pro-forms": """
        anybody anyone anything anyway anywhere else everybody everyone everything everywhere here
        kind kinds likewise nobody nothing nowhere one ones own same self so somebody somehow
        someone something somewhere sort sorts stuff there thing things type types way ways""",
    "order": """
        eighth fifth final first firstly fourth last lastly latter former next ninth previous second
        secondly seventh sixth tenth third""",
    "degree and focus": """
        about absolutely again ago almost altogether around as away besides but certainly completely
        course definitely down entirely especially essentially even exactly extremely fairly fully
        hardly indeed instead just largely likely mainly maybe merely mostly nearly off on out over
        particularly partly perhaps possibly precisely presumably pretty primarily probably quite
        rather really scarcely simply slightly somewhat specially specifically still sure surely
        that then this though through thus too totally truly up utterly very virtually well wholly
        worth""",
    "time and connection": """
        accordingly after afterward afterwards already also always anymore before consequently ever
        finally furthermore hence how however meanwhile moreover never nevertheless nonetheless now
        once otherwise similarly since sometimes soon subsequently therefore today tomorrow tonight
        when where why yesterday yet""",
    "abbreviations": "hr hrs min mins sec secs yr yrs",
    "words that only take their meaning from others": """
        able according apt based concerning considering depending due excluding following given
        including like mere particular regarding respective supposed unable used""",
}

EMPTY_WORDS = frozenset().union(*map(words, _BY_KIND.values()))
