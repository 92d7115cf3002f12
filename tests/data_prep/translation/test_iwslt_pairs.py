"""The figures of a data-bin beside those of the paper."""

from data_prep.fairseq_format.binarize import Counts
from data_prep.translation.iwslt_pairs import PAIRS, SPLITS, compare
from data_prep.translation.pair_databin import Summary, Vocabulary


def test_separate_vocabularies_are_both_shown():
    counts = {split: {"en": Counts(9, 9, 0), "fr": Counts(9, 9, 0)} for split in SPLITS}
    summary = Summary(counts, 0, {"en": Vocabulary(1000, 0.25), "fr": Vocabulary(2000, 0.5)})
    row, paper = (line.split() for line in compare(summary, PAIRS["en-fr"].paper).splitlines()[1:])
    assert " ".join(row) == "here 9 9 9 1,000 + 2,000 (not shared) 25.00% + 50.00%"
    assert " ".join(paper) == "Table 5 ~200k ~7k ~6k 28k (not shared) 24.34%"
