"""Pairs of sentences from a data-bin and from two texts."""

import shutil

import pytest
import torch
from sentencepiece import SentencePieceProcessor

from data_prep.errors import InputError
from fairseq_cline.data.triplet_databin import DataBin
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


def read(folder, original="a.txt", perturbed="b.txt"):
    databin = open_databin(str(folder / "data-bin"))
    paths = (str(folder / name) for name in (original, perturbed))
    return databin, pairs_of_texts(*paths, databin, count=3, seed=1)


def test_lines_are_encoded_as_the_tokenizer_does(text_pairs):
    databin, pairs = read(text_pairs)
    model = SentencePieceProcessor(model_file=str(text_pairs / "data-bin" / "spm.model"))
    for texts, name in ((pairs.original, "a.txt"), (pairs.perturbed, "b.txt")):
        lines = [
            [0, *map(databin.dictionary.index, model.encode(line, out_type=str)), 2]
            for line in (text_pairs / name).read_text().splitlines()
        ]
        assert sorted(text.tolist() for text in texts) == sorted(lines)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"perturbed": "short.txt"}, "a.txt has 3 lines, .*short.txt 2;"),
        ({"perturbed": "gap.txt"}, "gap.txt: line 2 is empty"),
        ({"original": "missing.txt"}, "missing.txt: cannot be read"),
    ],
)
def test_bad_texts(text_pairs, settings, message):
    (text_pairs / "short.txt").write_text("one\ntwo\n")
    (text_pairs / "gap.txt").write_text("one\n\nthree\n")
    with pytest.raises(InputError, match=message):
        read(text_pairs, **settings)


def test_a_databin_without_a_tokenizer(text_pairs, tmp_path):
    shutil.copytree(text_pairs / "data-bin", tmp_path / "data-bin")
    (tmp_path / "data-bin" / "spm.model").unlink()
    databin = DataBin(str(tmp_path / "data-bin"), verify=False)
    paths = (str(text_pairs / name) for name in ("a.txt", "b.txt"))
    with pytest.raises(InputError, match="data-bin: no tokenizer in it; name a folder with dict"):
        pairs_of_texts(*paths, databin, count=3, seed=1)
