"""Checkpoints that can be loaded as encoders, and others."""

import shutil

import pytest
import torch
from toy_encoders import write_old_encoder

from data_prep.errors import InputError
from fairseq_cline.evaluation.encoders.pretrained_encoders import load_encoder, open_databin


@pytest.mark.parametrize("kind", ["power", "none"])
def test_the_projection_is_the_encoder_checkpoints_and_only_on_request(
    load, encoder_checkpoints, open_triplets, kind
):
    saved = torch.load(encoder_checkpoints[kind])["model"]
    for name, value in load(kind).alignment.projection.state_dict().items():
        assert torch.equal(value, saved[f"alignment.projection.{name}"]), name
    assert load_encoder(str(encoder_checkpoints[kind]), open_triplets.dictionary).alignment is None


def test_a_checkpoint_of_fairseq_0_10(databin, open_triplets, tmp_path):
    path = write_old_encoder(tmp_path / "old.pt", databin)
    saved = torch.load(path, weights_only=False)["model"]
    loaded = load_encoder(str(path), open_triplets.dictionary).state_dict()
    assert all(torch.equal(value, saved[name]) for name, value in loaded.items())


def test_a_model_of_another_kind(databin, open_triplets, tmp_path):
    path = write_old_encoder(tmp_path / "other.pt", databin, arch="transformer_tiny")
    with pytest.raises(InputError, match="other.pt.* RoBERTa-like"):
        load_encoder(str(path), open_triplets.dictionary)


def test_another_dictionary(encoder_checkpoints, databin, resign, tmp_path):
    other = shutil.copytree(databin, tmp_path / "other")
    for name, line in (("dict.txt", "new 1\n"), ("word_begin.txt", "1\n")):
        with open(other / name, "a") as file:
            file.write(line)
    resign(other)
    dictionary = open_databin(str(other)).dictionary
    with pytest.raises(InputError, match="stock.pt: its vocabulary has .* dict.txt has"):
        load_encoder(str(encoder_checkpoints["stock"]), dictionary)
