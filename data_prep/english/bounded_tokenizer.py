"""spaCy's tokenizer with a bound on its work.

It cuts a chunk of text at its ends and inside, mark by mark, and looks at the rest anew each time: the
square of the length in steps for a run of "!" or emoji. So a chunk too long for a word stays whole.
"""

from __future__ import annotations

import re

from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from data_prep.english.installed import LONGEST_CHUNK

_TOO_LONG = re.compile(rf"(\S{{{LONGEST_CHUNK + 1},}})")


class BoundedTokenizer(Tokenizer):
    """Tokenizes as another tokenizer does, but a chunk above ``LONGEST_CHUNK`` is one token."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__(
            tokenizer.vocab,
            rules=tokenizer.rules,
            prefix_search=tokenizer.prefix_search,
            suffix_search=tokenizer.suffix_search,
            infix_finditer=tokenizer.infix_finditer,
            token_match=tokenizer.token_match,
            url_match=tokenizer.url_match,
            faster_heuristics=tokenizer.faster_heuristics,
        )

    def __call__(self, text: str) -> Doc:
        """The tokens of a text."""
        if len(text) <= LONGEST_CHUNK or max(map(len, text.split()), default=0) <= LONGEST_CHUNK:
            return super().__call__(text)
        words: list[str] = []
        spaces: list[bool] = []
        norms: list[str] = []
        for number, part in enumerate(_TOO_LONG.split(text)):
            if number % 2:
                words.append(part)
                spaces.append(False)
                norms.append(part.lower())
                continue
            if words and part.startswith(" "):
                spaces[-1], part = True, part[1:]
            for token in super().__call__(part):
                words.append(token.text)
                spaces.append(bool(token.whitespace_))
                norms.append(token.norm_)
        doc = Doc(self.vocab, words=words, spaces=spaces)
        for token, norm in zip(doc, norms, strict=True):
            token.norm_ = norm
        return doc
