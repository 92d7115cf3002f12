"""Masking for the masked language model (Devlin et al., 2019), one sequence at a time."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Masking:
    """Chooses tokens to predict and hides most of them.

    Args:
        mask_prob: share of a sequence's tokens to predict, 0 to 1.
        leave_unmasked_prob: share of these that stay as they are.
        random_token_prob: share of these that become a random token; the rest becomes `mask`.
        specials: indices below this are specials: never chosen, never drawn.
        mask: index of <mask>, wherever it is in the dictionary: never chosen, never drawn.
        pad: index that marks "not to predict" in the target.
        symbols: number of all indices.
    """

    mask_prob: float
    leave_unmasked_prob: float
    random_token_prob: float
    specials: int
    mask: int
    pad: int
    symbols: int

    def __call__(
        self, tokens: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns the masked tokens and the target, both (T,) like `tokens`."""
        candidates = np.flatnonzero((tokens >= self.specials) & (tokens != self.mask))
        # The random number rounds up or down, so that the share is right on average.
        count = int(self.mask_prob * len(candidates) + rng.random())
        chosen = rng.choice(candidates, count, replace=False)

        target = np.full_like(tokens, self.pad)
        target[chosen] = tokens[chosen]

        fate = rng.random(count)
        drawn = rng.integers(self.specials, self.symbols - 1, count)
        drawn += drawn >= self.mask
        replacement = np.where(fate < self.random_token_prob, drawn, self.mask)
        hidden = fate < 1.0 - self.leave_unmasked_prob
        masked = tokens.copy()
        masked[chosen[hidden]] = replacement[hidden]
        return masked, target
