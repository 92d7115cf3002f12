"""No output before token t may depend on token t: the proof that a model is a language model."""

from types import SimpleNamespace

import pytest
import torch
from fairseq.data import Dictionary
from fairseq.models.transformer_lm import TransformerLanguageModel, TransformerLanguageModelConfig

from fairseq_cline.models.tensorized_transformer_lm import (
    TensorizedTransformerLanguageModel,
    TensorizedTransformerLMConfig,
)
from fairseq_cline.modules import multilinear_attention

LENGTH = 9


def build(name: str, **settings) -> TransformerLanguageModel:
    stock = name == "transformer_lm"
    config = (TransformerLanguageModelConfig if stock else TensorizedTransformerLMConfig)(
        decoder_layers=2,
        decoder_embed_dim=16,
        decoder_input_dim=16,
        decoder_output_dim=16,
        decoder_ffn_embed_dim=32,
        decoder_attention_heads=2,
        tokens_per_sample=LENGTH,
        max_target_positions=None,
        add_bos_token=False,
        dropout=0.3,
        **settings,
    )
    dictionary = Dictionary()
    for index in range(20):
        dictionary.add_symbol(f"w{index}")
    task = SimpleNamespace(source_dictionary=dictionary, target_dictionary=dictionary)
    torch.manual_seed(1)
    model = TransformerLanguageModel if stock else TensorizedTransformerLanguageModel
    return model.build_model(config, task)


@pytest.fixture(params=["with_tensor", "without_tensor", "transformer_lm"])
def model(request, monkeypatch):
    limit = 1000 if request.param == "with_tensor" else 0
    monkeypatch.setattr(multilinear_attention, "TENSOR_LIMIT", limit)
    return build(request.param)


def full(model: TransformerLanguageModel, tokens: torch.Tensor) -> torch.Tensor:
    """Logits (B, T, V) of one pass; the same dropout masks at every call."""
    torch.manual_seed(3)
    return model(tokens)[0]


def incremental(model: TransformerLanguageModel, tokens: torch.Tensor) -> torch.Tensor:
    """Logits (B, T, V), token by token; the same dropout masks at every call."""
    torch.manual_seed(3)
    state = {}
    steps = range(1, tokens.size(1) + 1)
    return torch.cat([model(tokens[:, :t], incremental_state=state)[0] for t in steps], 1)


def assert_causal(model: TransformerLanguageModel, run) -> None:
    tokens = torch.randint(4, 24, (3, LENGTH), generator=torch.Generator().manual_seed(2))
    before = run(model, tokens)
    for place in range(LENGTH):
        other = tokens.clone()
        other[:, place] = 4 + (other[:, place] - 3) % 20
        after = run(model, other)
        moved = (after - before).abs().amax(-1)  # (B, T)
        assert moved[:, :place].numel() == 0 or moved[:, :place].max() <= 1e-6
        assert moved[:, place:].max() > 1e-3


@pytest.mark.parametrize("run", [full, incremental])
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_a_token_moves_no_output_before_it(model, run, training):
    assert_causal(model.train(training), run)


def test_the_leaking_form_is_caught():
    model = build("tensorized", leak_future_tokens=True).eval()
    with pytest.raises(AssertionError):
        assert_causal(model, full)


def test_token_by_token_equals_one_pass(model):
    tokens = torch.randint(4, 24, (3, LENGTH), generator=torch.Generator().manual_seed(2))
    model.eval()
    torch.testing.assert_close(incremental(model, tokens), full(model, tokens))


def test_equal_tokens_at_two_places_have_different_states(model):
    states = model.eval().extract_features(torch.full((1, LENGTH), 7), encoder_out=None)[0][0]
    assert torch.pdist(states).min() > 1e-3
