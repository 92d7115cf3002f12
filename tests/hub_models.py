"""Small Hugging Face models of true architecture and random weights, with tokenizers of their kind."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

TEXTS = ["The small house was very good but cold.", "Old men never buy a new red car!"]
TEXTS += ["a quick dog begins to run", "Sie verkauft große Bücher, 12 of them", "cold"]
HEADS = ("Model", "ForMaskedLM", "ForSequenceClassification")
# Kind -> prefix of its classes.
KINDS = {"bert": "Bert", "roberta": "Roberta", "xlm-roberta": "XLMRoberta"}
KINDS |= {"distilbert": "DistilBert", "albert": "Albert"}
LABELS = ["bad", "so so", "good"]
_ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
_SIZES = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 4}
_SIZES |= {"intermediate_size": 24, "max_position_embeddings": 64}


def write_tokenizer(folder: Path, kind: str) -> Tokenizer:
    """Writes the ``tokenizer.json`` of a kind."""
    if kind in ("bert", "distilbert"):
        specials = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=90, special_tokens=specials)
        around, pair = ("[CLS]", "[SEP]"), "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1"
    elif kind == "albert":
        specials = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = normalizers.Lowercase()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=60, special_tokens=specials, unk_token="<unk>", show_progress=False
        )
        around, pair = ("[CLS]", "[SEP]"), "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1"
    else:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=300, special_tokens=_ROBERTA, initial_alphabet=alphabet, show_progress=False
        )
        around, pair = ("<s>", "</s>"), "<s> $A </s> </s> $B </s>"
    tokenizer.train_from_iterator(TEXTS * 9, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{around[0]} $A {around[1]}",
        pair=pair,
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in around],
    )
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
