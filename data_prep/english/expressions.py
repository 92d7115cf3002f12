"""Fixed expressions: runs of words that mean something together, whose words are left alone.

WordNet has 64,000 of them ("take place", "ice cream", "of course"); it lacks the prepositions and
conjunctions of several words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from data_prep.english.wordnet import open_wordnet

_OTHERS = """
a bit; a few; a good deal; a great deal; a little; a lot; a number of; according to; ahead of;
all but; all the same; along with; any longer; any more; apart from; as a result; as far as;
as good as; as if; as long as; as many as; as much as; as soon as; as though; as well; as well as;
aside from; at best; at first; at last; at least; at most; at once; at worst; away from; be able to;
because of; by all means; by far; by means of; by no means; by the way; by way of; close to;
compared with; due to; each other; even if; even though; ever since; except for; far from;
for example; for good; for instance; for sure; for the most part; good morning; good night;
going to; had better; have to; how come; in addition; in case; in charge of; in common;
in favor of; in front of; in general; in light of; in need of; in order; in order that;
in order to; in particular; in place of; in short; in spite of; in terms of; in that case;
in the end; in the first place; in the way; in turn; in view of; instead of; just as; kind of;
likely to; more or less; near to; next door; next to; no longer; no matter; no more; no one;
no sooner; no wonder; not only; now and then; now that; of course; of late; on account of;
on behalf of; on board; on the one hand; on the other hand; on time; on top of; once again;
once more; one another; only just; or so; other than; out of; owing to; per cent; prior to;
provided that; rather than; regardless of; right away; right now; so as to; so called; so far;
so much; so that; some day; sort of; subject to; such as; such that; that is; the other day;
the same; the same as; together with; too much; under way; up to; used to; well known; what if;
with respect to; with regard to; would rather
"""
# WordNet has them too, yet they mean what their words mean: "young man", "little girl".
_PLAIN = {
    (a, b)
    for a in ["big", "little", "old", "young"]
    for b in ["boy", "girl", "lady", "man", "woman"]
}

Rest = tuple[str, ...]


@cache
def _expressions() -> dict[str, dict[str, tuple[Rest, ...]]]:
    """First word -> second word -> the words behind them, longest first."""
    names = [name.split("_") for name in open_wordnet().all_lemma_names() if "_" in name]
    names += [name.split() for name in _OTHERS.split(";")]
    found: dict[str, dict[str, set[Rest]]] = {}
    for first, second, *rest in names:
        if rest or (first, second) not in _PLAIN:
            found.setdefault(first, {}).setdefault(second, set()).add(tuple(rest))
    return {
        first: {
            second: tuple(sorted(rests, key=lambda rest: (-len(rest), rest)))
            for second, rests in seconds.items()
        }
        for first, seconds in found.items()
    }


class Link:
    """A chunk (the text between two spaces) as a word of fixed expressions."""

    __slots__ = ("begins", "closed", "forms", "open")

    def __init__(self, before: str, forms: tuple[str, ...], after: str) -> None:
        """Looks up the expressions that begin with the word.

        Args:
            before: the chunk before the word; an expression cannot go on over it.
            forms: the word in small letters, and its lemma.
            after: the chunk behind the word; likewise.
        """
        self.forms = forms
        self.open, self.closed = bool(before), bool(after)
        begun = () if after else map(_expressions().get, forms)
        self.begins = tuple(seconds for seconds in begun if seconds)


def places_in_expressions(links: Sequence[Link]) -> set[int]:
    """The numbers of the chunks that are in fixed expressions.

    Raises:
        ResourceError: WordNet is not installed.
    """
    places: set[int] = set()
    for place, link in enumerate(links[:-1]):
        if not link.begins or (second := links[place + 1]).open:
            continue
        for seconds in link.begins:
            for form in second.forms:
                for rest in seconds.get(form, ()):
                    if not rest or _goes_on(second, links[place + 2 : place + 2 + len(rest)], rest):
                        places.update(range(place, place + 2 + len(rest)))
                        break
    return places


def _goes_on(second: Link, links: Sequence[Link], rest: Rest) -> bool:
    """Whether the links behind the second one are the rest of an expression, with no mark between."""
    if second.closed or len(links) < len(rest) or rest[0] not in links[0].forms:
        return False
    return not any(link.closed for link in links[:-1]) and all(
        word in link.forms and not link.open for word, link in zip(rest, links, strict=True)
    )
