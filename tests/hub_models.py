"""Small Hugging Face models of true architecture and random weights, with tokenizers of their kind."""

import json
from pathlib import Path

import pytest
import torch
import toy_tokenizers
from tokenizers import Tokenizer

TEXTS = ["The small house was very good but cold.", "Old men never buy a new red car!"]
TEXTS += ["a quick dog begins to run", "Sie verkauft große Bücher, 12 of them", "cold"]
HEADS = ("Model", "ForMaskedLM", "ForSequenceClassification")
# Kind -> prefix of its classes.
KINDS = {"bert": "Bert", "roberta": "Roberta", "xlm-roberta": "XLMRoberta"}
KINDS |= {"distilbert": "DistilBert", "albert": "Albert"}
LABELS = ["bad", "so so", "good"]
_TOKENIZERS = {kind: (toy_tokenizers.word_piece, 90) for kind in ("bert", "distilbert")}
_TOKENIZERS |= {kind: (toy_tokenizers.byte_level, 300) for kind in ("roberta", "xlm-roberta")}
_TOKENIZERS["albert"] = (toy_tokenizers.unigram, 60)
_SIZES = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 4}
_SIZES |= {"intermediate_size": 24, "max_position_embeddings": 64}


def write_tokenizer(folder: Path, kind: str) -> Tokenizer:
    """Writes the ``tokenizer.json`` of a kind."""
    make, size = _TOKENIZERS[kind]
    tokenizer = make(TEXTS * 9, size)
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


def write_hub_model(folder: Path, kind: str, head: str = "Model", **settings):
    """Writes a model with its tokenizer; returns it."""
    transformers = pytest.importorskip("transformers")
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = write_tokenizer(folder, kind)
    sizes = {"vocab_size": tokenizer.get_vocab_size(), **_SIZES}
    roberta = KINDS[kind].endswith("Roberta") or kind == "roberta"
    if roberta:
        sizes |= {"type_vocab_size": 1, "layer_norm_eps": 1e-5}
    if kind == "albert":
        sizes["embedding_size"] = 8
    if kind == "distilbert":
        sizes["hidden_dim"] = sizes.pop("intermediate_size")
    if not roberta:
        sizes["pad_token_id"] = tokenizer.token_to_id("<pad>" if kind == "albert" else "[PAD]")
    if head == "ForSequenceClassification":
        sizes["id2label"] = dict(enumerate(LABELS))
    config = getattr(transformers, f"{KINDS[kind]}Config")(**sizes | settings)
    torch.manual_seed(1)
    model = getattr(transformers, KINDS[kind] + head)(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.2)
    model.save_pretrained(folder)
    return model


def change_json(path: Path, **values) -> None:
    """Changes entries of a JSON file; ... takes one out."""
    content = json.loads(path.read_text())
    content |= values
    path.write_text(
        json.dumps({name: value for name, value in content.items() if value is not ...})
    )


def write_modules(folder, *kinds, **pooling):
    """Writes the modules of sentence-transformers."""
    content = [{"type": f"sentence_transformers.models.{kind}", "path": ""} for kind in kinds]
    (folder / "modules.json").write_text(json.dumps(content))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))
