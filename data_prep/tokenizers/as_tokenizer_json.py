"""A ``tokenizer.json`` that gives the ids of a tokenizer folder of any kind.

Its ids are fairseq's: the dictionary's order, ``<mask>`` last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import WORD_START, load_dictionary
from data_prep.tokenizers.gpt2_files import read_gpt2_files
from data_prep.tokenizers.subwords import SubwordEncoder, load_encoder
from data_prep.tokenizers.tokenizer_folders import DICT, GPT2, JSON, SENTENCEPIECE, tokenizer_kind
from data_prep.tokenizers.tokenizer_json import MASK

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
_SAMPLE = 2000  # pieces whose ids are compared
_ODD = (
    "Ünïcode, naïve café",
    "x\u200b y",
    "ﬁ ① ％",
    "日本語 한국어",
    "a  b",
    "😀 e\u0301",
    "\u0007?!",
)
_UNIGRAM = 1  # sentencepiece's number of the kind
# Fields of a SentencePiece model: specification -> field.
_TRAINER, _NORMALIZER, _MODEL_TYPE, _CHARACTERS, _BYTES = 2, 3, 3, 2, 35


def as_tokenizer_json(folder: str | os.PathLike[str]) -> bytes:
    """The content of the file; that of a folder which has one is as it is.

    Raises:
        InputError: the tokenizer is damaged, or its ids cannot be had by Hugging Face's library.
    """
    encoder = load_encoder(folder)
    kind = tokenizer_kind(folder)
    if kind == JSON:
        return Path(folder, *JSON).read_bytes()
    try:
        tokenizer = _of_gpt2(folder) if kind == GPT2 else _of_sentencepiece(folder)
    except InputError:
        raise
    except Exception as error:  # the library has no class of its own
        raise _refusal(folder, " ".join(str(error).split())[:80]) from error
    _finish(tokenizer, [*encoder.dictionary.symbols, MASK])
    _compare(folder, tokenizer, encoder)
    return tokenizer.to_str().encode()


def _refusal(folder: str | os.PathLike[str], why: str) -> InputError:
    return InputError(
        f"{folder}: Hugging Face's library cannot give the ids of its tokenizer ({why}); train with "
        "a tokenizer.json, or export with --format fairseq"
    )


def _of_gpt2(folder: str | os.PathLike[str]) -> Tokenizer:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    plain = read_gpt2_files(*(Path(folder, name) for name in GPT2))
    dictionary = load_dictionary(Path(folder, DICT))
    model = json.loads(plain.to_str())["model"]
    names = {str(number): symbol for symbol, number in model["vocab"].items()}
    symbols = [names.get(symbol, symbol) for symbol in dictionary.symbols]
    vocabulary = {symbol: index for index, symbol in enumerate([*symbols, MASK])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [tuple(pair) for pair in model["merges"]]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _of_sentencepiece(folder: str | os.PathLike[str]) -> Tokenizer:
    from sentencepiece import SentencePieceProcessor
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    content = Path(folder, *SENTENCEPIECE).read_bytes()
    trainer = dict(_fields(dict(_fields(content)).get(_TRAINER, b"")))
    rules = dict(_fields(dict(_fields(content)).get(_NORMALIZER, b"")))
    if trainer.get(_MODEL_TYPE, _UNIGRAM) != _UNIGRAM:
        raise _refusal(folder, "its SentencePiece model is not of the kind unigram")
    model = SentencePieceProcessor(model_proto=content)
    size = range(model.get_piece_size())
    scores = {model.id_to_piece(i): model.get_score(i) for i in size if not model.is_control(i)}
    dictionary = load_dictionary(Path(folder, DICT))
    symbols = [*dictionary.symbols, MASK]
    least = min(scores.values())
    vocabulary = [(symbol, scores.get(symbol, least)) for symbol in symbols]
    tokenizer = Tokenizer(
        models.Unigram(vocabulary, dictionary.unk(), bool(trainer.get(_BYTES, False)))
    )
    parts = [normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]
    characters = rules.get(_CHARACTERS, b"")
    if isinstance(characters, bytes) and characters:
        parts.insert(0, normalizers.Precompiled(characters))
    tokenizer.normalizer = normalizers.Sequence(parts)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(WORD_START, prepend_scheme="always")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace(WORD_START, " "), decoders.ByteFallback(), decoders.Fuse(),
         decoders.Strip(" ", 1, 0)]
    )  # fmt: skip
    return tokenizer


def _fields(message: bytes | int) -> Iterator[tuple[int, bytes | int]]:
    """The number and value of each field of a message of Google's protocol buffers.

    Raises:
        IndexError, TypeError, ValueError: it is cut off, or none.
    """
    if isinstance(message, int):
        raise TypeError("a number where a message should be")
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while place < len(message):
        key = number()
        match key & 7:
            case 0:
                yield key >> 3, number()
            case 2:
                size = number()
                yield key >> 3, message[place : place + size]
                place += size
            case 1 | 5 as wire:
                place += 8 if wire == 1 else 4
            case wire:
                raise ValueError(f"a field of the kind {wire}")


def _finish(tokenizer: Tokenizer, symbols: list[str]) -> None:
    """Adds the special tokens, and those around a text and between two, as RoBERTa has them."""
    from tokenizers import AddedToken, processors

    begin, _, end, _ = _SPECIALS
    special = [AddedToken(name, special=True, normalized=False) for name in (*_SPECIALS, MASK)]
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(name, symbols.index(name)) for name in (begin, end)],
    )


def _compare(folder: str | os.PathLike[str], tokenizer: Tokenizer, encoder: SubwordEncoder) -> None:
    """Raises InputError when a text gets other ids than by the encoder."""
    step = max(1, len(encoder.dictionary) // _SAMPLE)
    words = [encoder.decode([index]) for index in range(4, len(encoder.dictionary), step)]
    lines = [" ".join(words[begin : begin + 8]) for begin in range(0, len(words), 8)]
    texts = [" ".join(text.split()) for text in (*words, *lines, *_ODD)]
    texts = [
        text for text in texts if text and not any(name in text for name in (*_SPECIALS, MASK))
    ]
    theirs = [found.ids[1:-1] for found in tokenizer.encode_batch(texts)]
    for text, ids, wanted in zip(texts, theirs, encoder.encode_texts(texts), strict=True):
        if ids != wanted:
            raise _refusal(folder, f"{text[:30]!r} gets other ids")
