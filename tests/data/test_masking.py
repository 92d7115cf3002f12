import numpy as np
import pytest

from fairseq_cline.data.masking import Masking

SPECIALS, MASK, PAD, SYMBOLS = 4, 999, 1, 1000


def masking(**settings):
    default = {"mask_prob": 0.15, "leave_unmasked_prob": 0.1, "random_token_prob": 0.1}
    default |= {"specials": SPECIALS, "mask": MASK, "pad": PAD, "symbols": SYMBOLS}
    return Masking(**{**default, **settings})


@pytest.fixture(scope="module")
def masked():
    """A long sequence with specials in between, its masked version and its target."""
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, MASK, 200_000)
    return tokens, *masking()(tokens, rng)


def test_target_holds_the_original_at_chosen_places_only(masked):
    tokens, hidden, target = masked
    chosen = target != PAD
    assert (target[chosen] == tokens[chosen]).all()
    assert (hidden[~chosen] == tokens[~chosen]).all()


def test_specials_are_neither_chosen_nor_drawn(masked):
    tokens, hidden, target = masked
    specials = tokens < SPECIALS
    assert specials.any() and (target[specials] == PAD).all()
    assert (hidden[~specials] >= SPECIALS).all() and (hidden <= MASK).all()


def test_shares(masked):
    """15% of the tokens; of these 80% <mask>, 10% random, 10% as they were."""
    tokens, hidden, target = masked
    chosen = target != PAD
    assert chosen.sum() == pytest.approx(0.15 * (tokens >= SPECIALS).sum(), abs=1)
    # Five standard deviations of a share of 30,000 draws are less than 0.012.
    assert (hidden[chosen] == MASK).mean() == pytest.approx(0.8, abs=0.012)
    assert (hidden[chosen] == tokens[chosen]).mean() == pytest.approx(0.1, abs=0.012)


def test_short_sequences_are_masked_as_often_on_average():
    rng = np.random.default_rng(0)
    tokens = np.array([0, 10, 11, 12, 2])
    counts = [(masking()(tokens, rng)[1] != PAD).sum() for _ in range(4000)]
    assert np.mean(counts) == pytest.approx(0.45, abs=0.04)


@pytest.mark.parametrize(
    ("settings", "masks", "unchanged"),
    [
        ({"leave_unmasked_prob": 0.0, "random_token_prob": 0.0}, True, False),
        ({"leave_unmasked_prob": 1.0, "random_token_prob": 0.0}, False, True),
    ],
)
def test_extremes(settings, masks, unchanged):
    tokens = np.arange(SPECIALS, 100)
    hidden, target = masking(mask_prob=1.0, **settings)(tokens, np.random.default_rng(0))
    assert (target == tokens).all()
    assert (hidden == MASK).all() == masks and (hidden == tokens).all() == unchanged


@pytest.mark.parametrize("mask", [4, 5, 7, 9])
def test_the_mask_may_stand_anywhere_in_the_dictionary(mask):
    """A text may hold it, too: there is nothing to predict."""
    tokens = np.tile(np.arange(10), 2000)
    hide = masking(mask_prob=1.0, random_token_prob=0.9, mask=mask, symbols=10)
    hidden, target = hide(tokens, np.random.default_rng(0))
    words = [symbol for symbol in range(SPECIALS, 10) if symbol != mask]
    assert sorted({*target} - {PAD}) == words
    places = np.isin(tokens, words)
    counts = np.bincount(hidden[places], minlength=10)
    assert (counts[:SPECIALS] == 0).all() and counts[mask] == 0  # 0.1 stay, 0.9 are drawn
    assert counts[words].min() > 0.9 * counts[words].mean()


def test_nothing_to_mask():
    tokens = np.array([0, 2])
    hidden, target = masking()(tokens, np.random.default_rng(0))
    assert (hidden == tokens).all() and (target == PAD).all()
