"""Sentences that become a triplet of their own, in which a clause is negated or no longer negated.

None of the papers has it. "You're thin" says the opposite of "you're not thin" and of "you're fat";
it says the same as "you're not fat".
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from data_prep.english.negation import Edit, Flips, Negation
from data_prep.tokenizers.subwords import SubwordEncoder
from data_prep.triplets.chunks import GONE, Chunk, Encoded, encode
from data_prep.triplets.perturbation import Perturbation, Places, Sentence

NEGATION = "negation"  # kind of the antonym version in which a clause says the opposite
NEGATED_ANTONYM = "negated_antonym"  # kind of the synonym version: "is not thin", for "is fat"

PLAIN_CREDIT = 2.0  # blocks: how long sentences with a predicate to turn round are waited for
MOST_CREDIT = 8.0


class Negations:
    """Chooses sentences of one unit for triplets of their own, so that a share of blocks is met.

    Sentences whose predicate can be turned round ("is fat", "is not thin") come first: they are
    rare, and nothing else tells an encoder that negation and antonym cancel out.
    """

    def __init__(
        self,
        negation: Negation,
        encoder: SubwordEncoder,
        perturb: Perturbation,
        share: float,
        seed: str,
    ) -> None:
        """Keeps what the triplets are made with.

        Args:
            perturb: makes the synonym version of a sentence whose predicate is not turned round.
            share: of all blocks, in [0, 1].
            seed: of the choices.
        """
        self._negation, self._encoder, self._perturb = negation, encoder, perturb
        self._rng = random.Random(seed)
        self._share = share
        self._credit = 0.0

    def count_block(self) -> None:
        """Counts a block of any kind, which gives credit for the share."""
        self._credit = min(self._credit + self._share, MOST_CREDIT)

    def take(self, chunks: Sequence[Chunk], limit: int) -> Sentence | None:
        """The triplet of a sentence, if it is time for one and the sentence is fit for it.

        Args:
            limit: tokens that each of its versions may have.
        """
        if self._credit < 1:
            return None
        texts = [chunk.encoded.text for chunk in chunks]
        if self._credit < PLAIN_CREDIT and not self._negation.may_flip(texts):
            return None
        flips = self._negation(" ".join(texts))
        sentence = self._sentence(chunks, flips) if flips else None
        if sentence is None or max(sentence.sizes()) > limit:
            return None
        self._credit -= 1
        return sentence

    def _sentence(self, chunks: Sequence[Chunk], flips: Flips) -> Sentence | None:
        opposites = [edits for edits in (flips.polarity, flips.antonym) if edits]
        changed = self._edited(chunks, self._rng.choice(opposites)) if opposites else None
        if changed is None:
            return None
        places = Places(chunks)
        both = self._edited(chunks, flips.both) if flips.both else None
        if both:
            synonym, kept = both[0], dict.fromkeys(both[1], NEGATED_ANTONYM)
        else:
            synonym, kept = self._perturb.keep_meaning(chunks, places, least=1)
        if not kept:
            return None
        return Sentence(
            ([chunk.encoded for chunk in chunks], synonym, changed[0]),
            chunks,
            places.words,
            kept,
            dict.fromkeys(changed[1], NEGATION),
            places.left_alone,
        )

    def _edited(
        self, chunks: Sequence[Chunk], edits: Sequence[Edit]
    ) -> tuple[list[Encoded], list[int]] | None:
        """The sentence after its edits, and where they begin.

        None where a piece of the tokenizer lies across the border of what is new.
        """
        version = [chunk.encoded for chunk in chunks]
        for edit in edits:
            new = self._encode(edit)
            if new is None:
                return None
            version[edit.begin : edit.end] = [new, *[GONE] * (edit.end - edit.begin - 1)]
        return version, [edit.begin for edit in edits]

    def _encode(self, edit: Edit) -> Encoded | None:
        """The text of an edit as one chunk, word by word: no piece crosses a space."""
        words, begin = [], 0
        for text in edit.text.split(" "):
            low, high = (min(max(place - begin, 0), len(text)) for place in edit.span)
            word = encode(self._encoder, text, (low, high))
            if word is None:
                return None
            words.append(word)
            begin += len(text) + 1
        behind = b"".join([word.data for word in words[1:]])
        return Encoded(edit.text, edit.span, words[0].data + behind, words[0].first + behind)
