"""GPT-2's BPE: the ids of fairseq's own encoder, and dictionaries that lack a symbol."""

import json

import pytest
from fairseq.data.encoders.gpt2_bpe import GPT2BPE, GPT2BPEConfig

from data_prep.errors import InputError
from data_prep.tokenizers.subwords import load_encoder

TEXTS = ["", " two  spaces ", "don't I'LL they're", "naïve 中文 😀 1,234.5", "<|endoftext|> <s>"]


def test_ids_are_those_of_fairseqs_own_encoder(gpt2_tokenizer, glosses):
    paths = [str(gpt2_tokenizer.folder / name) for name in ("encoder.json", "vocab.bpe")]
    library = GPT2BPE(GPT2BPEConfig(gpt2_encoder_json=paths[0], gpt2_vocab_bpe=paths[1]))
    encoder = gpt2_tokenizer.encoder
    texts = [*map(" ".join, glosses[::10]), *TEXTS]
    expected = [[encoder.dictionary.index(i) for i in library.encode(t).split()] for t in texts]
    assert encoder.encode_texts(texts) == expected


def test_a_symbol_begins_a_word_when_its_text_has_a_space(gpt2_tokenizer):
    encoder = gpt2_tokenizer.encoder
    symbols = json.loads((gpt2_tokenizer.folder / "encoder.json").read_text())
    for text, begins in (("Ġthe", True), ("Ġ", True), ("he", False), ("ly", False)):
        assert encoder.begins_word(str(symbols[text])) == begins
    assert not encoder.begins_word("madeupword0000")


def test_a_dictionary_may_lack_a_handful_of_symbols(gpt2_tokenizer, tmp_path):
    """RoBERTa's lacks those that its corpus has not: they are unknown."""
    gpt2_tokenizer.encoder.save(tmp_path)
    symbols = json.loads((tmp_path / "encoder.json").read_text())
    lines = (tmp_path / "dict.txt").read_text().splitlines(keepends=True)
    rare = f"{symbols['Ā']} 1\n"  # the byte 0
    (tmp_path / "dict.txt").write_text("".join(line for line in lines if line != rare))
    encoder = load_encoder(tmp_path)
    [ids] = encoder.encode_texts(["a\x00b"])
    assert [encoder.dictionary[i] for i in ids] == [str(symbols["a"]), "<unk>", str(symbols["b"])]
    assert encoder.decode(ids) == "ab"
    (tmp_path / "dict.txt").write_text("".join(lines[: len(lines) * 9 // 10]))
    with pytest.raises(InputError, match="dict.txt: lacks 28 of the 273 BPE symbols of .*encoder"):
        load_encoder(tmp_path)
