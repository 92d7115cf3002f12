"""Pairs of sentences from a data-bin and from two texts."""

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation.encoders.pretrained_encoders import open_databin
from fairseq_cline.evaluation.encoders.sentence_pairs import pairs_of_databin, pairs_of_texts


def test_pairs_are_the_same_draw_of_whole_sentences(open_triplets, pairs):
    split = open_triplets.split("valid")
    stored = {tuple(split.original[i].tolist()): split.synonym[i].tolist() for i in range(24)}
    bos = open_triplets.dictionary.bos()
    for original, perturbed in zip(pairs.original, pairs.perturbed, strict=True):
        assert original[0] == perturbed[0] == bos
        assert stored[tuple(original[1:].tolist())] == perturbed[1:].tolist()
    again = pairs_of_databin(open_triplets, "valid", count=10, seed=1)
    other = pairs_of_databin(open_triplets, "valid", count=10, seed=2)
    assert all(map(torch.equal, pairs.original, again.original))
    assert not all(map(torch.equal, pairs.original, other.original))
    assert len(pairs_of_databin(open_triplets, "valid", count=1000, seed=1)) == 24


def read(folder, original="a.txt", perturbed="b.txt", model="spm.model"):
    databin = open_databin(str(folder / "data-bin"))
    paths = (str(folder / name) for name in (original, perturbed, model))
    return databin, pairs_of_texts(*paths, databin, count=3, seed=1)


def test_lines_are_encoded_as_the_tokenizer_does(text_pairs):
    databin, pairs = read(text_pairs)
    lines = sorted(
        databin.dictionary.string(t[1:], bpe_symbol="sentencepiece") for t in pairs.perturbed
    )
    assert lines == sorted((text_pairs / "b.txt").read_text().splitlines())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"perturbed": "short.txt"}, "a.txt has 3 lines, .*short.txt 2;"),
        ({"perturbed": "gap.txt"}, "gap.txt: line 2 is empty"),
        ({"original": "missing.txt"}, "missing.txt: cannot be read"),
        ({"model": "missing.model"}, "--sentencepiece-model .*missing.model: no such file"),
        ({"model": "other.model"}, "other.model is not the tokenizer"),
    ],
)
def test_bad_texts(text_pairs, settings, message):
    (text_pairs / "short.txt").write_text("one\ntwo\n")
    (text_pairs / "gap.txt").write_text("one\n\nthree\n")
    (text_pairs / "other.model").write_bytes(b"another")
    with pytest.raises(InputError, match=message):
        read(text_pairs, **settings)
