"""Words that may stand in for a word: same inflection (Penn tag), same letter case.

CLINE, section 3.1: synonyms, hypernyms and morphological changes keep the meaning; antonyms
and random words of the same part of speech change it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from data_prep.english import wordnet

# Penn Treebank tags of content words -> WordNet part of speech, universal part of speech.
CONTENT_TAGS = {
    **dict.fromkeys(("NN", "NNS"), ("n", "NOUN")),
    **dict.fromkeys(("VB", "VBD", "VBG", "VBN", "VBP", "VBZ"), ("v", "VERB")),
    **dict.fromkeys(("JJ", "JJR", "JJS"), ("a", "ADJ")),
    **dict.fromkeys(("RB", "RBR", "RBS"), ("r", "ADV")),
}
_LEMMA_TAGS = frozenset(("NN", "VB", "VBP", "JJ", "RB"))
# Tagged like content words, yet auxiliaries and negation carry the grammar, not the content.
_FUNCTION_WORDS = frozenset(
    [
        "am",
        "are",
        "be",
        "been",
        "being",
        "is",
        "was",
        "were",
        "had",
        "has",
        "have",
        "having",
        "did",
        "do",
        "does",
        "doing",
        "done",
        "not",
        "ca",
        "wo",
        "ai",
        "n't",
        "nt",
        "m",
        "re",
        "ve",
        "ll",
        "d",
        "s",
    ]
)


@dataclass(frozen=True)
class Substitutes:
    """Lower-case candidates for one (word, tag)."""

    synonyms: tuple[str, ...]
    hypernyms: tuple[str, ...]
    """Words for the next more general thing."""
    inflections: tuple[str, ...]
    """Other forms of the word itself."""
    antonyms: tuple[str, ...]


def lemma_of(word: str, tag: str) -> str:
    """The lemma of a lower-case word with a content tag; one that WordNet knows if there is one."""
    import lemminflect

    pos, universal = CONTENT_TAGS[tag]
    candidates = list(lemminflect.getLemma(word, universal))
    base = wordnet.open_wordnet().morphy(word, pos)
    if base:
        candidates.append(base)
    return next((c for c in candidates if wordnet.in_wordnet(c, pos)), (candidates or [word])[0])


@lru_cache(maxsize=1 << 16)
def inflect(lemma: str, tag: str) -> str | None:
    """The form of ``lemma`` that ``tag`` asks for; None when the dictionary has none."""
    if tag in _LEMMA_TAGS:
        return lemma
    import lemminflect

    # Rules for unknown words would give "beautifuler".
    forms = lemminflect.getInflection(lemma, tag, inflect_oov=False)
    return forms[0].lower() if forms else None


def _inflect_all(lemmas: list[str], tag: str, without: str) -> tuple[str, ...]:
    forms = (inflect(lemma, tag) for lemma in lemmas)
    return tuple(dict.fromkeys(f for f in forms if f and f != without and f.isalpha()))


def is_content(word: str, tag: str) -> bool:
    """Whether a word with this tag is a noun, verb, adjective or adverb that may be replaced."""
    return tag in CONTENT_TAGS and len(word) > 1 and word.isalpha() and word not in _FUNCTION_WORDS


@lru_cache(maxsize=1 << 16)
def find_substitutes(word: str, tag: str) -> Substitutes | None:
    """Candidates for a lower-case word; None for words that must stay."""
    if not is_content(word, tag):
        return None
    lemma = lemma_of(word, tag)
    pos = CONTENT_TAGS[tag][0]
    siblings = (t for t, (p, _) in CONTENT_TAGS.items() if p == pos and t != tag)
    changed = dict.fromkeys(form for t in siblings if (form := inflect(lemma, t)))
    return Substitutes(
        synonyms=_inflect_all(wordnet.synonyms(lemma, pos), tag, word),
        hypernyms=_inflect_all(wordnet.hypernyms(lemma, pos), tag, word),
        inflections=tuple(f for f in changed if f != word and f.isalpha()),
        antonyms=_inflect_all(wordnet.antonyms(lemma, pos), tag, word),
    )


def match_case(model: str, word: str) -> str | None:
    """``word`` in the letter case of ``model``; None for a mixed case ("iPhone")."""
    if model.islower():
        return word
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word.capitalize() if model[0].isupper() and model[1:].islower() else None
