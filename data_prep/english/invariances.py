"""Changes of a text that leave its label as it is: names, numbers, punctuation, typing errors.

After the invariance tests of CheckList (Ribeiro et al., 2020). A change takes the text, or the
pair, of an example and gives it back; as it was, where there is nothing to change. In a pair a
name or a number that both texts have becomes the same one in both.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable

from data_prep.english import wordnet
from data_prep.english.contractions import Contraction, expand
from data_prep.english.installed import LONGEST_CHUNK
from data_prep.english.names import NAMES

Texts = tuple[str, ...]
Change = Callable[[Texts, random.Random], Texts]

_KIND_OF = {name.lower(): kind for kind, names in NAMES.items() for name in names}
_NAME = re.compile(rf"(?<![\w'-])(?:{'|'.join(map(re.escape, _KIND_OF))})(?![\w-])", re.IGNORECASE)

# A number that stands alone: "19th", "90-minute", "1700 's", "9/11" and "#9" are something else.
_NUMBER = re.compile(
    r"(?<!\S)[$£€(]?([0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)(?=[%),.;:?!]*(?:\s(?!['’]s\b)|$))"
)
_YEAR = re.compile(r"1[0-9]{3}|20[0-9]{2}")
_TRIES = 50  # every near number may be in the text already
# "8 out of 10", "4 stars", "I give it a 3": such a number is the judgment itself.
_RATING = re.compile(
    r"\d\W*(?:/|out of\b|stars?\b|points?\b|thumbs?\b)"
    r"|\b(?:rat|scor|grad|giv|gave)\w*\W+(?:\w+\W+){0,4}\d",
    re.IGNORECASE,
)

# Begins where a run of them does: to try each place of a long run takes the square of its length.
_FINAL_MARKS = re.compile(r"(?<![\s.!?])(?:\s*[.!?])+$")
_INNER_STOP = re.compile(r"\.\w\s?\.$")  # "U.S.": the last one belongs to the word

_LETTERS = re.compile(r"(?<![\w'’-])[A-Za-z]{4,}(?![\w'’-])")


def swap_names(texts: Texts, rng: random.Random) -> Texts:
    """Swaps every name of the lists for another one of its kind."""
    found = dict.fromkeys(name.lower() for text in texts for name in _NAME.findall(text))
    new: dict[str, str] = {}
    for name in found:
        taken = {*found, *(other.lower() for other in new.values())}
        others = [other for other in NAMES[_KIND_OF[name]] if other.lower() not in taken]
        if others:
            new[name] = rng.choice(others)

    def replaced(match: re.Match) -> str:
        name = match[0]
        other = new.get(name.lower(), name)
        return other.lower() if name.islower() else other.upper() if name.isupper() else other

    return tuple(_NAME.sub(replaced, text) for text in texts)


def swap_numbers(texts: Texts, rng: random.Random) -> Texts:
    """Swaps every number for another one of its size; a year for another one of its decade."""
    if any(map(_RATING.search, texts)):
        return texts
    found = dict.fromkeys(number for text in texts for number in _NUMBER.findall(text))
    new: dict[str, str] = {}
    for number in found:
        if number == "1" or not number.strip("0,.") or len(number) > LONGEST_CHUNK:
            continue
        taken = {*found, *new.values()}
        others = (_other_number(number, rng) for _ in range(_TRIES))
        other = next((other for other in others if other not in taken), None)
        if other:
            new[number] = other

    def replaced(match: re.Match) -> str:
        before = match[0].removesuffix(match[1])
        return before + new.get(match[1], match[1])

    return tuple(_NUMBER.sub(replaced, text) for text in texts)


def _other_number(number: str, rng: random.Random) -> str:
    """Another number of the size: the digits before the final zeros change by a fifth at most."""
    if _YEAR.fullmatch(number):
        return number[:-1] + rng.choice("0123456789")
    digits = re.sub(r"\D", "", number)
    stem = digits.rstrip("0")
    value, size = int(stem), len(stem.lstrip("0"))
    spread = max(1, value // 5)
    least = 2 if len(digits) == 1 else 10 ** (size - 1)  # "1 man" has another grammar
    other = rng.randint(max(value - spread, least), min(value + spread, 10**size - 1))
    new = iter(str(other).zfill(len(stem)) + digits[len(stem) :])
    return re.sub(r"\d", lambda _: next(new), number)


class FinalPunctuation:
    """Takes the marks at the end away; where there are none, adds a full stop.

    The stop stands apart where that of most texts does.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        ends = [text[-2] == " " for text in texts if re.search(r"[\w ]\.$", text)]
        self._stop = " ." if 2 * sum(ends) > len(ends) else "."

    def __call__(self, texts: Texts, rng: random.Random) -> Texts:
        return tuple(map(self._changed, texts))

    def _changed(self, text: str) -> str:
        if _INNER_STOP.search(text):
            return text
        if text[-1].isalnum():
            return text + self._stop
        return _FINAL_MARKS.sub("", text) or text


class Typo:
    """Swaps two neighboring letters inside one word of four letters or more.

    The first and the last letter stay, the result is no other word, and a text with a single word
    of that length is left alone: nothing else would tell its label.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._known = {word.lower() for text in texts for word in re.findall(r"\w+", text)}

    def __call__(self, texts: Texts, rng: random.Random) -> Texts:
        places = [(i, m) for i, text in enumerate(texts) for m in _LETTERS.finditer(text)]
        if len(places) < 2:
            return texts
        for which, match in rng.sample(places, len(places)):
            swapped = [
                word[:i] + word[i + 1] + word[i] + word[i + 2 :]
                for word in [match[0]]
                for i in range(1, len(word) - 2)
                if word[i].lower() != word[i + 1].lower()
            ]
            swapped = [word for word in swapped if not self._is_word(word.lower())]
            if swapped:
                text = texts[which]
                text = text[: match.start()] + rng.choice(swapped) + text[match.end() :]
                return (*texts[:which], text, *texts[which + 1 :])
        return texts

    def _is_word(self, word: str) -> bool:
        return word in self._known or wordnet.open_wordnet().morphy(word) is not None


class ContractionChange:
    """Writes contractions out; where there are none, draws words together."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._contract = Contraction(texts)

    def __call__(self, texts: Texts, rng: random.Random) -> Texts:
        expanded = tuple(map(expand, texts))
        return expanded if expanded != texts else tuple(map(self._contract, texts))
