"""Vectors of plain text: the same as those of the model alone, whatever the order and the batches."""

import logging

import hub_models
import numpy as np
import pytest
import torch
from toy_encoders import KINDS, write_encoder

from data_prep.errors import InputError
from data_prep.tokenizers.text_encoders import load_text_encoder
from fairseq_cline.encode import Encoder
from fairseq_cline.evaluation.encoders import text_encoder
from fairseq_cline.pretrained.imported_encoder import import_encoder

TEXTS = ["the cat sat", "a dog", "the cat ran and a dog ran here and the cat sat", "cat", "a"]


@pytest.fixture(scope="module")
def folder(text_pairs, tmp_path_factory):
    """A checkpoint of each kind, with the tokenizer beside them."""
    folder = tmp_path_factory.mktemp("models")
    load_text_encoder(text_pairs / "data-bin").save(folder)
    for kind in KINDS:
        write_encoder(folder / f"{kind}.pt", text_pairs / "data-bin", kind)
    return folder


def alone(encoder: Encoder, text: str) -> torch.Tensor:
    """The features (T, C) of one text, out of the model."""
    tokens = torch.tensor([[0, *load(encoder, text), 2]])
    with torch.no_grad():
        features, _ = encoder.model(tokens, features_only=True)
    return features[0]


def load(encoder: Encoder, text: str) -> list[int]:
    folder = encoder.checkpoint.rpartition("/")[0]
    return load_text_encoder(folder).encode_texts([text])[0]


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_those_of_each_text_alone(folder, kind, monkeypatch):
    monkeypatch.setattr(text_encoder, "AT_ONCE", 3)  # two chunks
    encoder = Encoder(folder / f"{kind}.pt")
    cls = encoder.encode(TEXTS, max_tokens=20, progress=False)
    mean = Encoder(folder / f"{kind}.pt", feature="mean").encode(TEXTS, progress=False)
    assert cls.dtype == mean.dtype == np.float32 and cls.shape == (5, encoder.channels)
    for row, text in enumerate(TEXTS):
        features = alone(encoder, text)
        np.testing.assert_allclose(cls[row], features[0], atol=1e-6)
        np.testing.assert_allclose(mean[row], features.double().mean(0), atol=1e-6)


def test_a_product_of_normalized_vectors_is_their_cosine(folder):
    encoder = Encoder(folder / "stock.pt")
    plain, unit = (encoder.encode(TEXTS, normalize, progress=False) for normalize in (False, True))
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(unit * np.linalg.norm(plain, axis=1)[:, None], plain, atol=1e-5)


def test_the_feature_is_that_of_the_training(folder, tmp_path):
    path = tmp_path / "mean.pt"
    state = torch.load(folder / "cline.pt", weights_only=True)
    state["cfg"]["model"].sentence_feature = "mean"
    torch.save(state, path)
    encoder = Encoder(path, tokenizer=folder)
    assert encoder.feature == "mean" and Encoder(folder / "cline.pt").feature == "cls"
    expected = Encoder(folder / "cline.pt", feature="mean").encode(TEXTS, progress=False)
    assert np.array_equal(encoder.encode(TEXTS, progress=False), expected)


def test_white_space_counts_for_nothing(folder):
    encoder = Encoder(folder / "stock.pt")
    one, other = encoder.encode(["the cat  sat\n", " the cat sat"], progress=False)
    assert np.array_equal(one, other)


def test_long_texts_are_cut_and_counted(text_pairs, folder, tmp_path, caplog):
    short = write_encoder(tmp_path / "m.pt", text_pairs / "data-bin", "stock", max_positions=6)
    encoder = Encoder(short, tokenizer=folder)
    with caplog.at_level(logging.WARNING):
        vectors = encoder.encode(["cat", TEXTS[2], TEXTS[2] + " cat"], progress=False)
    said = [one.message for one in caplog.records if one.name == text_encoder.__name__]
    assert said == ["2 of 3 texts are cut to 6 tokens"] and encoder.cut == 2
    assert np.array_equal(vectors[1], vectors[2])


def test_no_text_has_no_vector(folder):
    encoder = Encoder(folder / "stock.pt")
    assert encoder.encode([], progress=False).shape == (0, encoder.channels)


def test_a_fine_tuned_model_is_an_encoder(opinions, opinion_classifier, caplog):
    encoder = Encoder(opinion_classifier, tokenizer=opinions)
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
    vectors = encoder.encode(["the film was fine", "dull"], progress=False)
    saved = torch.load(opinion_classifier, weights_only=True)["model"]
    weights = encoder.model.encoder.state_dict()
    assert all(torch.equal(weights[name], saved[f"encoder.{name}"]) for name in weights)
    assert vectors.shape == (2, 16)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("one text", "one text where several are wanted; give a list of texts"),
        (["a", " \n"], "text 2 is empty, and has no vector; leave it out"),
    ],
)
def test_what_is_no_list_of_texts(folder, texts, message):
    with pytest.raises(InputError, match=message):
        Encoder(folder / "stock.pt").encode(texts, progress=False)


def test_vectors_that_are_not_finite(folder, monkeypatch):
    encoder = Encoder(folder / "stock.pt")
    with torch.no_grad():
        encoder.model.encoder.sentence_encoder.layers[0].fc1.weight.fill_(torch.inf)
    with pytest.raises(InputError, match="stock.pt: its features are not finite"):
        encoder.encode(["a"], progress=False)


def test_what_is_no_model(folder, text_pairs, opinions, tmp_path):
    (tmp_path / "alone.pt").write_bytes((folder / "stock.pt").read_bytes())
    for arguments, message in (
        ([tmp_path], "a folder without model.pt; give a checkpoint, or a folder of"),
        ([tmp_path / "alone.pt"], "alone.pt: no tokenizer beside it .*; give --tokenizer"),
        ([folder / "stock.pt", tmp_path], r"--tokenizer \(.* has no dict.txt\); give"),
        ([folder / "stock.pt", opinions], "stock.pt: its vocabulary has .*; give --tokenizer"),
        ([folder / "stock.pt", None, "max"], "the feature 'max'; give one of cls, mean"),
    ):
        with pytest.raises(InputError, match=message):
            Encoder(*arguments)


@pytest.mark.parametrize("kind", ["bert", "albert", "roberta"])
def test_an_imported_model_is_an_encoder(kind, tmp_path):
    transformers = pytest.importorskip("transformers")
    original = hub_models.write_hub_model(tmp_path / kind, kind)
    import_encoder(tmp_path / kind, tmp_path / "ours")
    file = str(tmp_path / kind / "tokenizer.json")
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=file)
    encoder = Encoder(tmp_path / "ours", feature="mean")
    vectors = encoder.encode(hub_models.TEXTS, progress=False)
    for vector, text in zip(vectors, hub_models.TEXTS, strict=True):
        with torch.no_grad():
            states = original(torch.tensor([tokenizer.encode(text)])).last_hidden_state[0]
        np.testing.assert_allclose(vector, states.mean(0), atol=1e-5)
