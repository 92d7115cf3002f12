import numpy as np
import pytest

from fairseq_cline.data.aligned_dataset import words_that_fit


@pytest.mark.parametrize(
    ("begins", "limit", "expected"),
    [
        ([[1, 1, 0], [1, 0, 0, 1]], 4, [3, 4]),  # all fits
        ([[1, 1, 1], [1, 0, 0, 1, 1]], 4, [2, 4]),  # the longer one decides
        ([[0, 1, 1], [0, 0, 1, 1]], 3, [2, 3]),  # GPT-2: no space before the first word
        ([[1, 0, 0, 0], [1, 1, 0, 0]], 3, [3, 1]),  # not even the first word fits
    ],
)
def test_words_that_fit(begins, limit, expected):
    assert words_that_fit([np.array(begin, dtype=bool) for begin in begins], limit) == expected
