import pytest
import torch

from data_prep.errors import InputError
from data_prep.files.byte_order_marks import MARK
from fairseq_cline.data.confused_pairs_file import read_label_distances

LABELS = ["alt.atheism", "sci.space", "talk.religion"]


def test_pairs_both_ways_and_one_elsewhere(tmp_path):
    path = tmp_path / "pairs.tsv"
    expected = torch.tensor([[1.0, 2.5, 5.0], [2.5, 1.0, 1.0], [5.0, 1.0, 1.0]])
    for mark in (b"", MARK):
        path.write_bytes(mark + b"talk.religion\talt.atheism\nsci.space\talt.atheism\t2.5\n")
        torch.testing.assert_close(read_label_distances(str(path), LABELS, 5.0), expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no pair of labels"),
        ("sci.space\n", "line 1: not label<TAB>label"),
        ("sci.space\talt.atheism\t2\t3\n", "line 1: not label<TAB>label"),
        ("sci.space\talt.atheism\n\n", "line 2: not label<TAB>label"),
        ("sci.space\tsci.med\n", "line 1: no label 'sci.med' in the data"),
        ("sci.space\talt.atheism\tfar\n", "line 1: the distance 'far' is no number"),
        ("sci.space\talt.atheism\t-1\n", "line 1: the distance '-1' is no number"),
        ("sci.space\talt.atheism\tinf\n", "line 1: the distance 'inf' is no number"),
        ("sci.space\tsci.space\n", "line 1: a label with itself"),
        ("sci.space\talt.atheism\nalt.atheism\tsci.space\n", "line 2: .* for the second time"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, text, message):
    path = tmp_path / "pairs.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_label_distances(str(path), LABELS, 5.0)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="--label-distance-file .*none.tsv"):
        read_label_distances(str(tmp_path / "none.tsv"), LABELS, 5.0)
