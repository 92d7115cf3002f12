"""Vectors of batches against those of one sentence at a time."""

import pytest
import torch
from toy_encoders import KINDS, write_encoder

from fairseq_cline.evaluation.encoders.pretrained_encoders import load_encoder
from fairseq_cline.evaluation.encoders.sentence_vectors import (
    CLS,
    MEAN,
    PROJECTION,
    sentence_vectors,
)

CPU = torch.device("cpu")


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_those_of_one_sentence_at_a_time(load, open_triplets, pairs, kind):
    model = load(kind)
    vectors = sentence_vectors(model, pairs.original, open_triplets.dictionary.pad(), CPU)
    assert (vectors[PROJECTION] is not None) == (kind in ("power", "none"))
    for row, tokens in enumerate(pairs.original):
        with torch.no_grad():
            features, _ = model(tokens[None], features_only=True)  # (1, T, C)
        torch.testing.assert_close(vectors[CLS][row], features[0, 0])
        torch.testing.assert_close(vectors[MEAN][row], features[0].mean(0))
        if vectors[PROJECTION] is not None:
            with torch.no_grad():
                projection = model.alignment.projection(features[:, 0])
            torch.testing.assert_close(vectors[PROJECTION][row], projection[0])


def test_long_sentences_keep_their_ends(databin, open_triplets, tmp_path, pairs):
    path = write_encoder(tmp_path / "short.pt", databin, "stock", max_positions=6)
    model = load_encoder(str(path), open_triplets.dictionary)
    longest = max(pairs.original, key=len)
    cut = torch.cat([longest[:5], longest[-1:]])
    vectors = sentence_vectors(model, [longest, cut], open_triplets.dictionary.pad(), CPU)
    assert len(longest) > 6 and torch.equal(*vectors[CLS])


def test_a_projection_reads_the_sentence_feature_of_its_training(load, open_triplets, pairs):
    model = load("power")
    model.args.sentence_feature = "mean"
    vectors = sentence_vectors(model, pairs.original, open_triplets.dictionary.pad(), CPU)
    with torch.no_grad():
        projections = model.alignment.projection(vectors[MEAN])
    torch.testing.assert_close(vectors[PROJECTION], projections)
