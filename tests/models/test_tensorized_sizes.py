"""The architectures of the tensorized transformer have the sizes of their source."""

import argparse
from types import SimpleNamespace

import pytest
import torch
from fairseq import options
from fairseq.data import Dictionary
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.models import ARCH_CONFIG_REGISTRY

from fairseq_cline.models.tensorized_transformer_lm import TensorizedTransformerLanguageModel


def of_the_source(name: str, words: int, length: int) -> TensorizedTransformerLanguageModel:
    """An architecture as the command line makes it, on a dictionary of so many symbols."""
    line = f"data --task language_modeling --arch tensorized_transformer_lm_{name}"
    line += f" --tokens-per-sample {length}"
    args = options.parse_args_and_arch(options.get_training_parser(), line.split())
    cfg = convert_namespace_to_omegaconf(args)
    dictionary = Dictionary()
    for index in range(words - len(dictionary)):
        dictionary.add_symbol(str(index))
    task = SimpleNamespace(source_dictionary=dictionary, target_dictionary=dictionary)
    with torch.device("meta"):  # sizes alone: no weights are made
        return TensorizedTransformerLanguageModel.build_model(cfg.model, task)


def parameters(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(
    ("name", "length", "layers", "dropout"), [("ptb", 32, 3, 0.3), ("wiki103", 80, 6, 0.1)]
)
def test_sizes_of_the_source(name, length, layers, dropout):
    decoder = of_the_source(name, 267_744, length).decoder
    assert len(decoder.layers) == layers
    for layer in decoder.layers:
        assert layer.self_attn.weight.shape == (length, length, 256)
        assert layer.self_attn.cores.shape == (2, 40)
        assert layer.fc1.weight.shape == (2100, 256)
    assert decoder.dropout_module.p == dropout
    assert (decoder.adaptive_softmax is None) == (name == "ptb")


def test_the_penn_treebank_has_6_7_million_parameters():
    model = of_the_source("ptb", 10_008, 32)  # as data_prep.ptb makes it
    decoder = model.decoder
    assert decoder.output_projection.weight is decoder.embed_tokens.weight
    a_layer = 32 * 32 * 256 + 4 * 256 * 40 + 2 * 256 * 2100  # W, projections, feed-forward
    assert parameters(model) == pytest.approx(10_008 * 256 + 3 * a_layer, rel=0.005)
    assert round(parameters(model) / 1e6, 1) == 6.7  # Ma et al.'s


def test_wikitext_103_has_bands_as_wide_as_the_model():
    decoder = of_the_source("wiki103", 267_744, 80).decoder
    softmax = decoder.adaptive_softmax
    assert softmax.cutoff == [20_000, 40_000, 200_000, 267_744]
    for band, (tail, rows) in enumerate(zip(softmax.tail, (20_000, 160_000, 67_744), strict=True)):
        embedding, projection = decoder.embed_tokens.embeddings[band + 1]
        assert tail[2].weight is embedding.weight and embedding.weight.shape == (rows, 256)
        assert tail[0].weight is projection.weight
    of_words = parameters(decoder.embed_tokens)
    assert of_words == 267_744 * 256 + 4 * 256**2


def test_a_users_sizes_come_before_those_of_the_source():
    args = argparse.Namespace(dropout=0.2, attention_cores=1, adaptive_softmax_factor=4)
    ARCH_CONFIG_REGISTRY["tensorized_transformer_lm_wiki103"](args)
    assert (args.dropout, args.attention_cores, args.adaptive_softmax_factor) == (0.2, 1, 4)
