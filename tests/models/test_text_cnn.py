from types import SimpleNamespace

import pytest
import torch
from fairseq.data import Dictionary
from omegaconf import OmegaConf

from data_prep.errors import InputError
from fairseq_cline.models.text_cnn import TextCNNConfig, TextCNNModel

HEAD = "sentence_classification_head"
TOKENS = torch.tensor([[4, 5, 6, 7, 2], [8, 2, 1, 1, 1]])


@pytest.fixture
def make_model():
    """The function that builds a model of a vocabulary: `make_model(words=10, filters=3)`."""

    def make(words: int = 10, classes: int = 3, **settings) -> TextCNNModel:
        dictionary = Dictionary()
        for word in range(words):
            dictionary.add_symbol(f"w{word}")
        small = {"embedding_dim": 8, "filters": 5, "max_positions": 64}
        config = OmegaConf.structured(TextCNNConfig(**{**small, **settings}))
        torch.manual_seed(1)
        model = TextCNNModel.build_model(config, SimpleNamespace(source_dictionary=dictionary))
        model.register_classification_head(HEAD, num_classes=classes)
        return model

    return make


def test_the_figures_of_the_paper(make_model):
    """|V| x 300 embeddings, 100 filters each over 3, 4 and 5 words with a bias, one output layer."""
    config = TextCNNConfig()
    model = make_model(embedding_dim=config.embedding_dim, filters=config.filters)
    convolutions = sum(100 * (300 * width + 1) for width in (3, 4, 5))
    expected = 14 * 300 + convolutions + 3 * (300 + 1)
    assert sum(parameter.numel() for parameter in model.parameters()) == expected
    assert model.dropout.p == 0.5


def test_random_embeddings(make_model):
    weight = make_model(words=500).encoder.embed_tokens.weight
    assert not weight[1].any()
    words = torch.cat([weight[:1], weight[2:]])
    assert 0.24 < words.abs().max() <= 0.25 and words.mean().abs() < 0.01


def test_features_and_logits(make_model):
    model = make_model().eval()
    features, extra = model(TOKENS, src_lengths=torch.tensor([5, 2]), features_only=True)
    assert features.shape == (2, 1, 15) and extra == {} and model.max_positions() == 64
    logits, _ = model(TOKENS, classification_head_name=HEAD)
    layer = model.classification_heads[HEAD].out_proj
    torch.testing.assert_close(logits, features[:, 0] @ layer.weight.T + layer.bias)


def test_two_passes_in_training_are_two_views_of_a_sentence(make_model):
    model = make_model(dropout=0.5)
    (first, _), (second, _) = model(TOKENS), model(TOKENS)
    assert first.ne(second).any()
    kept = first.ne(0) & second.ne(0)
    assert kept.any() and torch.equal(first[kept], second[kept])


def test_frozen_embeddings_stay(make_model):
    for frozen in (True, False):
        model = make_model(freeze_embeddings=frozen)
        model(TOKENS, classification_head_name=HEAD)[0].sum().backward()
        assert (model.encoder.embed_tokens.weight.grad is None) == frozen
        assert model.encoder.convolutions[0].weight.grad is not None


def test_save_and_load(make_model):
    model, other = make_model().eval(), make_model()
    for parameter in other.parameters():
        torch.nn.init.normal_(parameter)
    other.load_state_dict(model.state_dict(), strict=True)
    for name in (None, HEAD):
        (a, _), (b, _) = (m(TOKENS, classification_head_name=name) for m in (model, other.eval()))
        assert torch.equal(a, b)


def test_heads_that_do_not_fit_are_left_out(make_model, caplog):
    state = make_model(classes=3).state_dict()
    fresh = make_model(classes=2)
    fresh.register_classification_head("other", num_classes=4)
    before = {key: value.clone() for key, value in fresh.classification_heads.state_dict().items()}
    torch.nn.init.zeros_(fresh.encoder.embed_tokens.weight)
    with caplog.at_level("INFO"):
        fresh.load_state_dict(state, strict=True)
    after = fresh.classification_heads.state_dict()
    assert all(torch.equal(after[key], value) for key, value in before.items())
    assert fresh.encoder.embed_tokens.weight.any()
    assert (
        f"{HEAD}.out_proj.weight of the checkpoint is no head of this run: left out" in caplog.text
    )
    assert "other.out_proj.weight is not in the checkpoint: initialized" in caplog.text


def test_another_vocabulary_is_an_error(make_model):
    with pytest.raises(
        InputError, match="checkpoint has 14 symbols, this run has 16; use the dict"
    ):
        make_model(words=12).load_state_dict(make_model(words=10).state_dict(), strict=True)


def test_another_architecture_is_an_error(make_model):
    other = {"encoder.sentence_encoder.embed_tokens.weight": torch.zeros(16, 8)}
    with pytest.raises(InputError, match="the checkpoint is not of --arch text_cnn"):
        make_model(words=12).load_state_dict(other, strict=True)
