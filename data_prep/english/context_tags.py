"""Tags of words in context by counts alone: of words with tags, and of tags behind tags.

A hidden Markov model, decoded greedily: a word gets the tag that fits the word itself, the tag before
and the word behind. Nearly all of that is remembered, so a word costs about a microsecond.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import takewhile

START = ""  # stands for the tag before the first word of a sentence
_RARE = 10  # forms up to this count tell what tags unknown forms have
_SURE = 8  # forms below this count may have tags that the sample did not show
_GUESSED = 0.5  # occurrences that a guess from a rare form's letters is worth
_SHORTER = 5.0  # occurrences that the tags of a shorter ending are worth
_UNSEEN = 3.0  # occurrences that the share of a tag is worth behind a tag
_LEAST = 0.01  # share of a form's occurrences below which a tag is a mistake of the tagger
_ENDING = 3  # letters of the longest ending
_ANY = ("", "")  # the kind of all forms


class Word:
    """A form of a word, or all unknown forms that look alike, with what is known about its tags."""

    __slots__ = ("ahead", "given", "only")

    def __init__(self, shares: Mapping[str, float], transitions: Transitions) -> None:
        """Prepares a word.

        Args:
            shares: of the tags among its occurrences, by tag.
            transitions: those of the language.
        """
        self.only = next(iter(shares)) if len(shares) == 1 else None
        """Its tag, if there is no choice."""
        self.given = _Given(shares, transitions)
        """Pairs of a tag and its weight, by the tag before."""
        self.ahead = _Ahead(shares, transitions)
        """Factors by which this word raises the weight of a tag before it."""


class Transitions(dict[tuple[str, str], float]):
    """Ratios of a tag's share behind a tag to its share anywhere, by pairs of tags."""

    def __init__(self, following: Mapping[str, Counter[str]], tags: Counter[str]) -> None:
        super().__init__()
        self._following = following
        self._totals = {tag: sum(counts.values()) for tag, counts in following.items()}
        self._tags = tags
        self._total = sum(tags.values())

    def __missing__(self, pair: tuple[str, str]) -> float:
        before, tag = pair
        seen = self._following[before][tag] if before in self._following else 0
        expected = self._tags[tag] / self._total
        total = self._totals.get(before, 0)
        value = self[pair] = (seen + _UNSEEN * expected) / (total + _UNSEEN) / expected
        return value


class _Given(dict[str, list[tuple[str, float]]]):
    def __init__(self, shares: Mapping[str, float], transitions: Transitions) -> None:
        super().__init__()
        self._shares, self._transitions = shares, transitions

    def __missing__(self, before: str) -> list[tuple[str, float]]:
        ratio = self._transitions
        value = self[before] = [(t, n * ratio[before, t]) for t, n in self._shares.items()]
        return value


class _Ahead(dict[str, float]):
    def __init__(self, shares: Mapping[str, float], transitions: Transitions) -> None:
        super().__init__()
        self._shares, self._transitions = shares, transitions

    def __missing__(self, before: str) -> float:
        ratio = self._transitions
        value = self[before] = sum(n * ratio[before, t] for t, n in self._shares.items())
        return value


class ContextTags:
    """Finds the tags of sentences of words."""

    def __init__(
        self, forms: Mapping[str, Counter[str]], following: Mapping[str, Counter[str]]
    ) -> None:
        """Learns from the counts of a tagged sample.

        Args:
            forms: counts of tags by the form of a word; there is at least one.
            following: counts of tags by the tag before, ``START`` for the first of a sentence.
        """
        self._forms = forms
        self._lower: dict[str, Counter[str]] = defaultdict(Counter)
        self._endings: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        tags: Counter[str] = Counter()
        for form, counts in forms.items():
            tags.update(counts)
            self._lower[form.lower()].update(counts)
            if counts.total() <= _RARE:
                for ending in _endings(form):
                    self._endings[ending].update(counts)
        self._transitions = Transitions(following, tags)
        total = tags.total()
        anywhere = {tag: count / total for tag, count in sorted(tags.items())}
        self._guesses: dict[tuple[str, str], dict[str, float]] = {_ANY: anywhere}
        self._words: dict[str, Word] = {}
        self._unknown: dict[tuple[str, str], Word] = {}

    def word(self, form: str) -> Word:
        """The word of a form; one and the same for all unknown forms that look alike."""
        word = self._words.get(form)
        if word is None:
            counts = self._forms.get(form) or self._lower.get(form.lower())
            if counts is None:
                return self._look_alike(form)
            # About as many as the sample has forms: they need no bound.
            word = self._words[form] = Word(self._shares(form, counts), self._transitions)
        return word

    def _look_alike(self, form: str) -> Word:
        ending = self._known_endings(form)[-1]
        word = self._unknown.get(ending)
        if word is None:
            word = self._unknown[ending] = Word(_common(self._guess(form)), self._transitions)
        return word

    def _known_endings(self, form: str) -> list[tuple[str, str]]:
        """The kinds that a form belongs to and rare forms of the sample, too."""
        return [_ANY, *takewhile(self._endings.__contains__, _endings(form))]

    def _shares(self, form: str, counts: Counter[str]) -> dict[str, float]:
        total = counts.total()
        if total >= _SURE:
            return _common({tag: count / total for tag, count in sorted(counts.items())})
        guess = self._guess(form)
        least = _LEAST * (total + _GUESSED) / _GUESSED
        tags = {*counts, *(tag for tag, share in guess.items() if share >= least)}
        all_in_all = total + _GUESSED
        return _common(
            {t: (counts[t] + _GUESSED * guess.get(t, 0.0)) / all_in_all for t in sorted(tags)}
        )

    def _guess(self, form: str) -> dict[str, float]:
        """Shares of the tags among rare forms that look like this one."""
        shares: dict[str, float] = {}
        for ending in self._known_endings(form):
            known = self._guesses.get(ending)
            if known is None:
                counts = self._endings[ending]
                total = counts.total() + _SHORTER
                known = {t: (counts[t] + _SHORTER * share) / total for t, share in shares.items()}
                self._guesses[ending] = known
            shares = known
        return shares

    @staticmethod
    def tags(words: Sequence[Word]) -> list[str]:
        """The tag of each word of a sentence."""
        tags = []
        tag = START
        last = len(words) - 1
        for place, word in enumerate(words):
            if word.only is not None:
                tag = word.only
            else:
                choices = word.given[tag]
                best = -1.0
                if place < last:
                    ahead = words[place + 1].ahead
                    for choice, weight in choices:
                        weight *= ahead[choice]
                        if weight > best:
                            best, tag = weight, choice
                else:
                    tag = max(choices, key=lambda pair: pair[1])[0]
            tags.append(tag)
        return tags


def _common(shares: dict[str, float]) -> dict[str, float]:
    """The shares without those of mistakes; the greatest always stays."""
    least = min(_LEAST, max(shares.values()))
    return {tag: share for tag, share in shares.items() if share >= least}


def _endings(form: str) -> list[tuple[str, str]]:
    """Kinds that a form belongs to, ever smaller: its shape, and that with a longer ending."""
    shape, lower = _shape(form), form.lower()
    longest = min(_ENDING, len(lower))
    return [(shape, lower[len(lower) - size :]) for size in range(longest + 1)]


def _shape(form: str) -> str:
    """The kind of characters of a form: letters of which cases, digits, or marks."""
    if form.isalpha():
        if form.islower():
            return "small"
        if form.isupper():
            return "capitals"
        return "capital" if form[0].isupper() else "mixed"
    letters = any(map(str.isalpha, form))
    if any(map(str.isdigit, form)):
        return "digits and letters" if letters else "digits"
    if not letters:
        return "marks" + form[:1]
    joined = "hyphen" if "-" in form else "marked"
    return joined + (" capital" if form[0].isupper() else "")
