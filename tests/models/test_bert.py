import argparse
from types import SimpleNamespace

import pytest
import torch
from fairseq.data import Dictionary
from fairseq.models import ARCH_CONFIG_REGISTRY

from data_prep.errors import InputError
from fairseq_cline.models.bert import BertModel

HEAD = "sentence_classification_head"
TOKENS = torch.tensor([[0, 4, 5, 6, 7, 2], [0, 8, 2, 1, 1, 1]])


@pytest.fixture
def make_model():
    """The function that builds a model: `make_model("albert_base", words=30, dropout=0.0)`."""

    def make(arch: str = "albert_tiny", words: int = 10, **settings) -> BertModel:
        dictionary = Dictionary()
        for word in range(words):
            dictionary.add_symbol(f"w{word}")
        args = argparse.Namespace(**settings)
        ARCH_CONFIG_REGISTRY[arch](args)
        torch.manual_seed(1)
        task = SimpleNamespace(source_dictionary=dictionary, max_positions=lambda: 64)
        model = BertModel.build_model(args, task)
        model.register_classification_head(HEAD, num_classes=3)
        return model

    return make


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_base_has_the_parameters_of_the_paper(make_model):
    """12M in Table 1; the published model has 11,683,584, with the pooling layer.

    Its two segment embeddings are as large as the two positions that fairseq has for padding.
    """
    model = make_model("albert_base", words=29_996, max_positions=512)
    vocabulary, e, h, inner = 30_000, 128, 768, 3072
    tables = (vocabulary + 512 + 2) * e  # fairseq has 2 positions for padding
    projection = e * h + h
    attention, feedforward = 4 * (h * h + h), 2 * h * inner + inner + h
    norms = 2 * e + 2 * 2 * h
    encoder = model.encoder.sentence_encoder
    assert count(encoder) == tables + projection + attention + feedforward + norms
    assert count(encoder) + count(model.classification_heads[HEAD].dense) == 11_683_584
    head = h * e + e + 2 * e + vocabulary  # the other matrix is that of the embeddings
    assert count(model.encoder) == count(encoder) + head
    assert len([*encoder.layers]) == 12 and encoder.layers[0].self_attn.num_heads == 12


def test_equals_passes_through_one_layer_by_hand(make_model):
    model = make_model(encoder_layers=3).eval()
    encoder = model.encoder.sentence_encoder
    places = torch.arange(2, 8)  # fairseq counts positions from the padding symbol on
    x = encoder.embed_tokens(TOKENS[:1]) + encoder.embed_positions.weight[places]
    x = encoder.projection(encoder.layernorm_embedding(x)).transpose(0, 1)
    for _ in range(3):
        x = encoder.layers[0](x, encoder_padding_mask=None)
    features, _ = model(TOKENS[:1], features_only=True)
    torch.testing.assert_close(features, x.transpose(0, 1))
    other, _ = make_model(encoder_layers=2).eval()(TOKENS[:1], features_only=True)
    assert not torch.allclose(features, other, atol=1e-3)


def test_masked_lm_logits_come_from_the_word_embeddings(make_model):
    model = make_model().eval()
    features, _ = model(TOKENS, features_only=True)
    head, encoder = model.encoder.lm_head, model.encoder.sentence_encoder
    hidden = head.layer_norm(torch.nn.functional.gelu(head.dense(features)))
    masked = TOKENS.gt(5)
    logits, _ = model(TOKENS, masked_tokens=masked)
    expected = (hidden @ encoder.embed_tokens.weight.T + head.bias)[masked]
    torch.testing.assert_close(logits, expected)


def test_padding_changes_nothing(make_model):
    model = make_model().eval()
    wide = torch.nn.functional.pad(TOKENS, (0, 4), value=1)
    for name in (None, HEAD):
        expected, _ = model(TOKENS, features_only=True, classification_head_name=name)
        found, _ = model(wide, features_only=True, classification_head_name=name)
        if name is None:
            expected, found = expected[:, :3], found[:, :3]
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_save_and_load_with_any_number_of_passes(make_model):
    model = make_model().eval()
    state = model.state_dict()
    assert {key.split(".")[3] for key in state if ".layers." in key} == {"0"}
    other = make_model()
    for parameter in other.parameters():
        torch.nn.init.normal_(parameter)
    other.load_state_dict(state, strict=True)
    logits = model(TOKENS, classification_head_name=HEAD)[0]
    assert torch.equal(logits, other.eval()(TOKENS, classification_head_name=HEAD)[0])
    make_model(encoder_layers=7).load_state_dict(state, strict=True)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_is_finite_in_half_precision(make_model, dtype):
    model = make_model("albert_base", words=50).eval()
    expected, _ = model(TOKENS, classification_head_name=HEAD)
    logits, _ = model.to(dtype)(TOKENS, classification_head_name=HEAD)
    assert logits.dtype == dtype
    torch.testing.assert_close(logits.float(), expected, rtol=0.1, atol=0.1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoder_layerdrop": 0.1}, "--encoder-layerdrop is not for ALBERT"),
        ({"encoder_layers_to_keep": "0"}, "--encoder-layers-to-keep is not for ALBERT"),
        ({"encoder_normalize_before": True}, "--encoder-normalize-before is not for ALBERT"),
    ],
)
def test_impossible_settings_are_named(make_model, settings, message):
    with pytest.raises(InputError, match=message):
        make_model(**settings)


def test_another_vocabulary_is_an_error(make_model):
    with pytest.raises(
        InputError, match="checkpoint has 14 symbols, this run has 16; use the dict"
    ):
        make_model(words=12).load_state_dict(make_model(words=10).state_dict(), strict=True)
