"""The digests of a text that triplets were made of."""

import hashlib

from fairseq_cline.evaluation.encoders.text_triplets import text_sha256


def test_standard_input_has_no_digest(tmp_path):
    path = tmp_path / "reviews.txt"
    path.write_text("Good.\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert text_sha256(["-", str(path)]) == [None, digest]
