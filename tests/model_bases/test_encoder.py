"""The encoder's switches, each by itself."""

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.model_bases.encoder import token_types
from fairseq_cline.perturb import shifted_embeddings

PAIR = torch.tensor([[0, 7, 2, 9, 10, 2, 1], [0, 11, 12, 13, 14, 15, 2]])


def features(model, tokens=PAIR):
    return model(tokens, features_only=True)[0]


def test_token_types_follow_from_the_separators():
    rows = [
        ([0, 7, 2, 8, 9, 2], [0, 0, 0, 1, 1, 1]),  # a pair
        ([0, 7, 8, 9, 9, 2], [0, 0, 0, 0, 0, 0]),  # one text
        ([0, 7, 2, 2, 8, 2], [0, 0, 0, 0, 0, 0]),  # a pair as RoBERTa writes it
        ([0, 7, 8, 9, 9, 9], [0, 0, 0, 0, 0, 0]),  # cut off
    ]
    tokens, types = (torch.tensor(part) for part in zip(*rows, strict=True))
    assert token_types(tokens, eos=2).tolist() == types.tolist()
    padded = torch.nn.functional.pad(tokens, (0, 2), value=1)
    assert token_types(padded, eos=2)[:, :6].tolist() == types.tolist()


def test_only_the_second_text_of_a_pair_has_another_type(make_encoder):
    model = make_encoder(token_types=2)
    types = model.encoder.sentence_encoder.embed_token_types.weight
    before = features(model)
    with torch.no_grad():
        types[1] += torch.linspace(0, 1, 12)  # equal numbers, a normalization would take out
    after = features(model)
    assert not torch.allclose(before[0], after[0], atol=1e-3)
    assert torch.equal(before[1], after[1])
    # The same vector for both types is a shift of all positions.
    with torch.no_grad():
        types.copy_(torch.linspace(0, 1, 12).expand(2, 12))
    shifted = make_encoder(token_types=0)
    state = {key: value for key, value in model.state_dict().items() if "token_types" not in key}
    positions = "encoder.sentence_encoder.embed_positions.weight"
    state[positions] = state[positions] + torch.linspace(0, 1, 12)
    shifted.load_state_dict(state)
    torch.testing.assert_close(features(shifted), features(model))


def test_one_token_type_serves_pairs_too(make_encoder):
    assert features(make_encoder(token_types=1)).isfinite().all()


def test_eps_reaches_the_features(make_encoder):
    one, other = make_encoder(layer_norm_eps=1e-12), make_encoder(layer_norm_eps=1e-5)
    other.load_state_dict(one.state_dict())
    assert (features(one) - features(other)).abs().max() > 1e-3  # embeddings of 0.02 are small


@pytest.mark.parametrize("settings", [{}, {"token_types": 2, "embedding_dim": 8}])
def test_padding_changes_nothing(make_encoder, settings):
    model = make_encoder(**settings)
    wide = torch.nn.functional.pad(PAIR, (0, 3), value=1)
    expected, found = features(model), features(model, wide)[:, :-3]
    torch.testing.assert_close(found[PAIR.ne(1)], expected[PAIR.ne(1)], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("settings", [{"token_types": 2}, {"embedding_dim": 8}])
def test_a_perturbation_of_the_embeddings_goes_through(make_encoder, settings):
    """FreeLB and ATCL shift what `embed_tokens` gives, by a hook."""
    model = make_encoder(**settings)
    layer = model.encoder.sentence_encoder.embed_tokens
    before = features(model)
    steps = torch.linspace(0, 1, layer.embedding_dim)[None]
    with shifted_embeddings(layer, 0, torch.tensor([0]), torch.tensor([1]), steps):
        after = features(model)
    assert not torch.allclose(before[0], after[0], atol=1e-3)
    assert torch.equal(before[1], after[1])


def test_the_masked_lm_head_goes_back_to_the_embeddings(make_encoder):
    model = make_encoder(embedding_dim=8)
    head, encoder = model.encoder.lm_head, model.encoder.sentence_encoder
    assert head.dense.weight.shape == (8, 12)
    assert head.weight is encoder.embed_tokens.weight
    assert len({*encoder.layers}) == 2  # small embeddings alone share no layer


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"token_types": -1}, "--token-types is -1, but must be a number, 0 or more"),
        ({"layer_norm_eps": 0.0}, "--layer-norm-eps is 0.0, but must be a number above 0"),
        ({"embedding_dim": 0}, "--embedding-dim is 0, but must be a number, 1 or more"),
        ({"sentence_feature": "max"}, "sentence_feature is max, but must be one of cls, mean"),
        ({"hub_type": "gpt2"}, "hub_type is gpt2, but must be one of roberta, xlm-roberta, "),
        (
            {"embedding_dim": 8, "encoder_normalize_before": True},
            "--encoder-normalize-before does not go with --embedding-dim",
        ),
        (
            {"share_layers": True, "encoder_layerdrop": 0.1},
            r"--encoder-layerdrop is not for ALBERT, whose layers are one \(--share-layers\)",
        ),
    ],
)
def test_impossible_settings_are_named(make_encoder, settings, message):
    with pytest.raises(InputError, match="^" + message):
        make_encoder(**settings)
