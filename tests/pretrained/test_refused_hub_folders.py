"""Hugging Face folders that are damaged, hostile, or of what cannot be carried over:one line."""

import atexit
import functools
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
import torch
from hub_models import change_json, write_hub_model, write_modules
from safetensors.torch import load_file, save_file

from data_prep.errors import InputError
from fairseq_cline.pretrained.imported_encoder import import_encoder


@functools.cache
def _written(kind):
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    write_hub_model(folder, kind)
    return folder


def put_model(folder, kind="bert"):
    """Puts a model of a kind, which is made once, into the folder `theirs`."""
    shutil.copytree(_written(kind), folder / "theirs")


def refused(folder, message):
    """Asserts that one line names the fault, and that nothing is written."""
    with pytest.raises(InputError, match=message) as caught:
        import_encoder(folder / "theirs", folder / "ours")
    assert "\n" not in str(caught.value) and str(folder / "theirs") in str(caught.value)
    assert [path.name for path in folder.iterdir()] == ["theirs"]


@pytest.mark.parametrize("kind, values, message", [
    ("bert", {"model_type": "mpnet"}, "a model of type 'mpnet' cannot.*distilbert"),
    ("bert", {"model_type": ...}, "a model of type None"),
    ("bert", {"model_type": ["bert"]}, "a model of type .'bert'"),
    ("bert", {"position_embedding_type": "relative_key"}, "'relative_key': relative positions"),
    ("bert", {"is_decoder": True}, "True: a decoder"),
    ("bert", {"add_cross_attention": True}, "cross attention"),
    ("bert", {"pruned_heads": {"0": [1]}}, "heads were cut"),
    ("bert", {"auto_map": {"AutoModel": "x.Y"}}, "code of its own"),
    ("bert", {"hidden_act": "silu"}, "hidden_act is 'silu'"),
    ("roberta", {"hidden_act": "relu"}, "hidden_act is relu: the layers and the head"),
    ("distilbert", {"activation": 3}, "activation is 3"),
    ("roberta", {"type_vocab_size": 2}, "type_vocab_size is 2"),
    ("albert", {"num_hidden_groups": 2}, "several groups"),
    ("albert", {"inner_group_num": 2}, "several layers in a group"),
    ("bert", {"hidden_size": ...}, "hidden_size is missing, but must be a whole number"),
    ("bert", {"hidden_size": "16"}, "hidden_size is '16'"),
    ("bert", {"hidden_size": 10**12}, "hidden_size is 1000000000000, but must"),
    ("bert", {"hidden_size": 2**30}, r"word_embeddings.weight is of the shape \[90, 16\]"),
    ("bert", {"num_attention_heads": 3}, "3 heads do not divide the 16"),
    ("bert", {"num_hidden_layers": 999}, "has weights of 3 layers.*says 999"),
        ("bert", {"num_hidden_layers": 10**6}, "num_hidden_layers is 1000000"),
    ("albert", {"num_hidden_layers": 10**6}, "num_hidden_layers is 1000000"),
    ("bert", {"intermediate_size": 2**30}, "fc1.weight is of the shape"),
    ("bert", {"max_position_embeddings": 2**30}, "position_embeddings.weight is of the shape"),
    ("bert", {"type_vocab_size": 2**30}, "token_type_embeddings.weight is of the shape"),
    ("roberta", {"pad_token_id": 64}, "max_position_embeddings is 64"),
    ("bert", {"vocab_size": 80}, "has 90 tokens, and config.json says that the model has 80"),
    ("bert", {"vocab_size": 1000}, "has 90 tokens"),
    ("bert", {"vocab_size": 100}, r"word_embeddings.weight is of the shape \[90, 16\]"),
    ("bert", {"layer_norm_eps": -1}, "layer_norm_eps is -1"),
    ("bert", {"hidden_dropout_prob": 1.5}, "hidden_dropout_prob is 1.5"),
    ("bert", {"tie_word_embeddings": "no"}, "tie_word_embeddings is 'no'"),
    ("albert", {"embedding_size": 4}, r"word_embeddings.weight is of the shape \[\d+, 8\]"),
])  # fmt: skip
def test_a_configuration_that_cannot_be_carried_over_is_refused(tmp_path, kind, values, message):
    put_model(tmp_path, kind)
    change_json(tmp_path / "theirs/config.json", **values)
    refused(tmp_path, message)


def rewrite(folder, change_weights):
    path = folder / "model.safetensors"
    weights = load_file(path)
    change_weights(weights)
    save_file(weights, path)


WORDS = "embeddings.word_embeddings.weight"
QUERY = "encoder.layer.1.attention.self.query.weight"


@pytest.mark.parametrize("change_weights, message", [
    (lambda w: w.pop(QUERY), "lacks the weight encoder.layer.1.attention.self.query.weight"),
    (lambda w: w.update({QUERY: torch.zeros(8, 16)}), "q_proj.weight is of the shape"),
    (lambda w: w.update({QUERY: torch.tensor(1.0)}), r"q_proj.weight is of the shape \[\]"),
    (lambda w: w.update({"pooler.dense.weight": torch.ones(3)}), "pooler_weight is of the shape"),
    (lambda w: w[QUERY].fill_(float("nan")), f"numbers of {QUERY} are not all finite"),
    (lambda w: w.update(strange=torch.ones(1)), "1 weights that are none of a model.*: strange"),
    (lambda w: w.update({"decoder.crossattention": torch.ones(1)}), "decoder.crossattention"),
    (lambda w: w.clear(), "has weights of 0 layers"),
], ids=range(8))  # fmt: skip
def test_weights_that_do_not_fit_are_refused(tmp_path, change_weights, message):
    put_model(tmp_path)
    rewrite(tmp_path / "theirs", change_weights)
    refused(tmp_path, message)


def _truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


def _remove(path):
    path.unlink()


def _folder(path):
    path.unlink()
    path.mkdir()


def _pipe(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("damage", [_truncate, _remove, _folder, _pipe])
def test_a_damaged_file_is_named(tmp_path, name, damage):
    put_model(tmp_path)
    damage(tmp_path / "theirs" / name)
    refused(tmp_path, name)


class Code:
    """A pickle that would run code."""

    def __reduce__(self):
        return os.system, ("touch ran",)


@pytest.mark.parametrize("content, message", [
    (Code(), "refused before any code of it ran"),
    ({"x": Code()}, "refused before any code of it ran"),
    ([torch.ones(1)], "holds a list and no weights"),
    ({"x": "text"}, "x in it is no plain weight"),
    ({"x": torch.ones(1).to_sparse()}, "x in it is no plain weight"),
], ids=range(5))  # fmt: skip
def test_a_hostile_pickle_is_refused(tmp_path, monkeypatch, content, message):
    monkeypatch.chdir(tmp_path)
    put_model(tmp_path)
    (tmp_path / "theirs/model.safetensors").unlink()
    torch.save(content, tmp_path / "theirs/pytorch_model.bin")
    refused(tmp_path, message)


@pytest.mark.parametrize("content, message", [
    ({"weight_map": {"a": "../a.safetensors"}}, r"names the file '../a.safetensors'"),
    ({"weight_map": {"a": "/etc/passwd"}}, "names the file"),
    ({"weight_map": {"a": 3}}, "names the file 3"),
    ({"weight_map": {"a": "missing.safetensors"}}, "missing.safetensors"),
    ({"weight_map": {}}, "has no weight_map"),
    ([], "has no weight_map"),
    ("[" * 10**5, "no JSON"),
], ids=range(7))  # fmt: skip
def test_a_hostile_index_is_refused(tmp_path, content, message):
    put_model(tmp_path)
    shutil.move(tmp_path / "theirs/model.safetensors", tmp_path / "theirs/x.safetensors")
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "theirs/model.safetensors.index.json").write_text(text)
    refused(tmp_path, message)


@pytest.mark.parametrize("kinds, pooling, message", [
    (["Transformer", "Pooling", "Dense"], {"pooling_mode_mean_tokens": True}, "module Dense"),
    (["Transformer", "Pooling"], {"pooling_mode_max_tokens": True}, "pools by max_tokens"),
    (["Transformer", "Pooling"], {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True},
     "pools by mean and cls"),
    (["Pooling"], {}, "does not begin with a Transformer"),
])  # fmt: skip
def test_other_modules_are_refused_by_name(tmp_path, kinds, pooling, message):
    put_model(tmp_path)
    write_modules(tmp_path / "theirs", *kinds, **pooling)
    refused(tmp_path, message)
