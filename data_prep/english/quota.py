"""The number of words to replace in a sentence, so that a share of a text is met."""

MAX_CREDIT = 8.0  # words that sentences rich in content may make up for poor ones


class Quota:
    """A share of words that is met over many sentences.

    Each sentence gives credit for its words; what rounding or a lack of candidates leaves is
    carried on to the next, within limits.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._credit = 0.0

    def take(self, words: int, available: int, least: int) -> int:
        """The number for a sentence of ``words`` words, ``available`` of which can be replaced."""
        self._credit = min(self._credit, MAX_CREDIT) + self._share * words
        count = min(max(least, int(self._credit)), available)
        self._credit = max(self._credit - count, -MAX_CREDIT)
        return count
