"""Small tokenizers of Hugging Face's library, trained on a text, as their models' authors do it."""

import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from data_prep.fairseq_format.dictionaries import save_dictionary
from data_prep.tokenizers.tokenizer_json import read_tokenizer_json

BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
ALBERT = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]


def word_piece(text: Iterable[str], size: int) -> Tokenizer:
    """BERT's: small letters without accents."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=BERT, show_progress=False)
    tokenizer.train_from_iterator(text, trainer)
    return _closed(tokenizer, "[CLS]", "[SEP]")


def byte_level(text: Iterable[str], size: int) -> Tokenizer:
    """RoBERTa's: any byte, and a space is part of the word behind it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=ROBERTA,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(text, trainer)
    ends = (("</s>", tokenizer.token_to_id("</s>")), ("<s>", tokenizer.token_to_id("<s>")))
    tokenizer.post_processor = processors.RobertaProcessing(*ends, add_prefix_space=False)
    return tokenizer


def unigram(text: Iterable[str], size: int) -> Tokenizer:
    """ALBERT's: small letters without accents, marks where words begin."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace("``", '"'),
            normalizers.Replace("''", '"'),
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=ALBERT, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(text, trainer)
    return _closed(tokenizer, "[CLS]", "[SEP]")


KINDS = {"word_piece": word_piece, "byte_level": byte_level, "unigram": unigram}


def _closed(tokenizer: Tokenizer, first: str, last: str) -> Tokenizer:
    """The tokenizer, with two tokens around each text."""
    numbers = [(token, tokenizer.token_to_id(token)) for token in (first, last)]
    tokenizer.post_processor = processors.TemplateProcessing(
        f"{first} $A {last}", f"{first} $A {last} $B:1 {last}:1", numbers
    )
    return tokenizer


def write_folder(folder: Path, content: dict) -> Path:
    """A tokenizer folder of the content of a tokenizer.json."""
    folder.mkdir(exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    dictionary = read_tokenizer_json(folder / "tokenizer.json").dictionary()
    save_dictionary(dictionary, folder / "dict.txt")
    return folder


def bare(text: str) -> str:
    """A text without spaces, capitals, accents, and the mark of what continues a word."""
    letters = unicodedata.normalize("NFKD", text.lower().replace("##", ""))
    return "".join(c for c in letters if not c.isspace() and not unicodedata.combining(c))
