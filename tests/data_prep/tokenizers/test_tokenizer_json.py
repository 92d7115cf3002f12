"""tokenizer.json: ids as those of its own library, its place in fairseq, what is refused."""

import json
import re
from itertools import chain
from pathlib import Path

import pytest
import real_encoder
import toy_tokenizers
from tokenizers import Tokenizer

from data_prep.errors import InputError
from data_prep.tokenizers import tokenizer_json
from data_prep.tokenizers.subwords import load_encoder
from data_prep.tokenizers.tokenizer_json import read_tokenizer_json

minilm = real_encoder.minilm
TEXTS = [
    "A naïve café, isn't it?",
    "<mask> [MASK] <s> [CLS]",
    "``quoted'' 1,234.5 中文 😀",
    "e\u0301 ﬁne ½ İstanbul ΣΑΣ",
    "  two  spaces ",
    "",
    "x" * 300,
]


@pytest.fixture(params=toy_tokenizers.KINDS)
def folder(request) -> Path:
    return request.getfixturevalue(f"{request.param}_tokenizer").folder


@pytest.fixture
def content(word_piece_tokenizer) -> dict:
    return json.loads((word_piece_tokenizer.folder / "tokenizer.json").read_text())


def test_ids_are_those_of_the_library(folder, glosses):
    """Special tokens included, but for those that stand in a text: there they are text."""
    library = Tokenizer.from_file(str(folder / "tokenizer.json"))
    texts = [" ".join(lines) for lines in glosses[::10]] + [t for t in TEXTS if "mask" not in t]
    order = read_tokenizer_json(folder / "tokenizer.json").ids()
    ours = [[order[i] for i in (0, *ids, 2)] for ids in load_encoder(folder).encode_texts(texts)]
    assert ours == [found.ids for found in library.encode_batch(texts)]


def test_the_real_encoder(minilm, glosses, tmp_path):
    """BERT's 30,522 tokens; the file cuts texts off and fills them up, which no data-bin wants."""
    content = json.loads((minilm / "tokenizer.json").read_text(encoding="utf-8"))
    encoder = load_encoder(toy_tokenizers.write_folder(tmp_path / "real", content))
    library = Tokenizer.from_file(str(minilm / "tokenizer.json"))
    library.no_truncation()
    library.no_padding()
    texts = [*map(" ".join, glosses[::5]), "long " * 200, *(t for t in TEXTS if "mask" not in t)]
    order = read_tokenizer_json(minilm / "tokenizer.json").ids()
    ours = [[order[i] for i in (0, *ids, 2)] for ids in encoder.encode_texts(texts)]
    assert ours == [found.ids for found in library.encode_batch(texts)]
    assert len(order) == 30_522 and max(map(len, ours)) > 128
    [ids] = encoder.encode_texts(["a [MASK] b"])
    assert [encoder.dictionary[i] for i in ids] == ["a", "[", "mask", "]", "b"]


def test_the_dictionary_has_every_token_but_the_special_ones(folder):
    found = read_tokenizer_json(folder / "tokenizer.json")
    vocabulary = found.tokenizer.get_vocab()
    dictionary, order = found.dictionary(), found.ids()
    assert sorted(order) == sorted(vocabulary.values())
    special = [found.tokenizer.id_to_token(i) for i in (*order[:4], order[-1])]
    assert special in (
        ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"],
        ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        ["[CLS]", "<pad>", "[SEP]", "<unk>", "[MASK]"],
    )
    assert dictionary.symbols[:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert [vocabulary[token] for token in dictionary.symbols[4:]] == order[4:-1]
    assert order[4:-1] == sorted(order[4:-1])


def test_nothing_is_cut_off_or_filled_up(content, tmp_path):
    content["truncation"] = {
        "direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0,
    }  # fmt: skip
    content["padding"] = {
        "strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": None,
        "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]",
    }  # fmt: skip
    encoder = load_encoder(toy_tokenizers.write_folder(tmp_path / "cut", content))
    short, long = encoder.encode_texts(["the", "the " * 20])
    assert (len(short), len(long)) == (1, 20)


def test_words_that_are_too_long_are_unknown_as_a_whole(word_piece_tokenizer):
    """BERT's longest word has 100 letters."""
    encoder = word_piece_tokenizer.encoder
    unknown = encoder.dictionary.unk()
    pieces = encoder.encode("(" + "x" * 101 + ")", (1, 102))
    assert pieces.ids[1] == unknown and pieces.labels == [0, 1, 0]
    assert unknown not in encoder.encode("(" + "x" * 100 + ")", (1, 101)).ids
    assert encoder.encode("x" * 101, (0, 50)) is None  # half of it has no token of its own


def test_unknown_characters_are_labeled(word_piece_tokenizer, unigram_tokenizer):
    for tokenizer in (word_piece_tokenizer, unigram_tokenizer):
        pieces = tokenizer.encoder.encode("(中文)", (1, 3))
        labeled = [i for i, label in zip(pieces.ids, pieces.labels, strict=True) if label]
        assert {*labeled} == {tokenizer.encoder.dictionary.unk()}
        assert pieces.labels[0] == 0 == pieces.labels[-1]


def test_byte_order_mark(content, tmp_path):
    folder = toy_tokenizers.write_folder(tmp_path / "marked", content)
    path = folder / "tokenizer.json"
    plain = load_encoder(folder)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    marked = load_encoder(folder)
    assert marked.sha256 == plain.sha256
    marked.save(tmp_path)
    assert (tmp_path / "tokenizer.json").read_bytes() == path.read_bytes()[3:]


def change(content: dict, place: str, value: object) -> dict:
    *names, last = place.split(".")
    part = content
    for name in names:
        part = part[int(name)] if name.isdigit() else part[name]
    if value is None:
        del part[last]
    else:
        part[int(last) if last.isdigit() else last] = value
    return content


SEQUENCE = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}]}
SPLIT = {"type": "Split", "pattern": {"String": " "}, "behavior": "Isolated", "invert": False}
METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": True}
ADDED = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
ADDED |= {"id": 9000, "special": False, "content": "new york"}
LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("model", None, "not a tokenizer of Hugging Face's library"),
        ("model", [], "not a tokenizer of Hugging Face's library"),
        ("model.vocab", {"a": "b"}, "not a tokenizer of Hugging Face's library"),
        ("model.vocab", {"a": -1}, "not a tokenizer of Hugging Face's library"),
        ("model.vocab", {"a": 1}, r"lacks '\[UNK\]', the token of unknown words"),
        ("model.vocab.##a", 7, "has two tokens with one id"),
        ("model.vocab.<unk>", 9000, r"has 2 of the tokens \[UNK\] and <unk>, not one"),
        ("model.vocab.<s>", 9000, "has the token <s>, which fairseq adds itself"),
        ("model.vocab.two words\n", 9000, "which no line of dict.txt can hold"),
        ("model.max_input_chars_per_word", 100_000, "takes words of more than 1,000 characters"),
        (
            "model",
            {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"},
            "has the model WordL",
        ),
        ("post_processor", None, "does not put one token before and one after a text"),
        ("post_processor.single", [], "does not put one token before and one after a text"),
        ("post_processor.special_tokens.[CLS]", None, "does not put one token before and one af"),
        ("post_processor.special_tokens.[CLS].ids", [99_999], "not in its vocabulary"),
        (
            "normalizer",
            {"type": "Prepend", "prepend": "▁"},
            "has the normalizer Prepend, not one of",
        ),
        (
            "normalizer",
            {"type": "Replace", "pattern": {"Regex": "a b|a"}, "content": ""},
            "its normalizer Replace looks for",
        ),
        (
            "normalizer",
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "x"},
            "its normalizer Replace looks for",
        ),
        (
            "normalizer",
            {"type": "Replace", "pattern": {"String": ""}, "content": "x"},
            "its normalizer Replace looks for",
        ),
        (
            "normalizer",
            {"type": "Replace", "pattern": {"String": "-"}, "content": " "},
            "its normalizer Replace looks for",
        ),
        (
            "pre_tokenizer",
            {"type": "Digits", "individual_digits": True},
            "no pre-tokenizer that spl",
        ),
        ("pre_tokenizer", SPLIT, "has the pre-tokenizer Split, not one of BertPreTokenizer, "),
        ("pre_tokenizer", {**SEQUENCE, "pretokenizers": [SPLIT]}, "has the pre-tokenizer Split"),
        ("pre_tokenizer", {**METASPACE, "split": False}, "Metaspace does not split, or not at ▁"),
        ("pre_tokenizer", {**METASPACE, "replacement": "_"}, "Metaspace does not split, or not at"),
        ("pre_tokenizer", LEVEL, r"its pre-tokenizer ByteLevel does not split \(use_regex\)"),
        ("added_tokens.0", ADDED, "its added token 'new york' takes spaces, too"),
        (
            "added_tokens.0",
            {**ADDED, "content": "x", "rstrip": True},
            "its added token 'x' takes sp",
        ),
    ],
)
def test_what_is_refused(content, tmp_path, place, value, message):
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(change(content, place, value)))
    refused(path, message)


def refused(path: Path, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(str(path))}: .*{message}") as error:
        read_tokenizer_json(path)
    assert "\n" not in str(error.value) and len(str(error.value)) < 500
    assert "; give " in str(error.value)


def test_no_pre_tokenizer(content, tmp_path):
    content["pre_tokenizer"] = None
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    refused(tmp_path / "tokenizer.json", "has no pre-tokenizer that splits at spaces")


def test_a_space_that_is_stripped_and_looked_for(content, tmp_path):
    content["pre_tokenizer"] = METASPACE
    content["normalizer"] = {"type": "Strip", "strip_left": True, "strip_right": False}
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    refused(tmp_path / "tokenizer.json", "Strip removes the space that its pre-tokenizer looks")


@pytest.mark.parametrize("text", ["", "[]", "null", "1", "{", "[" * 100_000, '{"a": NaN}', "\x00"])
def test_what_is_no_json_of_a_tokenizer(tmp_path, text):
    (tmp_path / "tokenizer.json").write_text(text)
    refused(tmp_path / "tokenizer.json", "not a tokenizer of Hugging Face's library")


def test_size(content, tmp_path, monkeypatch):
    monkeypatch.setattr(tokenizer_json, "MAX_BYTES", 1000)
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    refused(tmp_path / "tokenizer.json", "wanted at most 1,000")


def test_a_word_mark_at_the_end_is_refused(byte_level_tokenizer, tmp_path):
    content = json.loads((byte_level_tokenizer.folder / "tokenizer.json").read_text())
    content["model"]["end_of_word_suffix"] = "</w>"
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    refused(
        tmp_path / "tokenizer.json", "marks the end of words, or what continues one, in its BPE"
    )


def test_no_token_of_unknown_words(unigram_tokenizer, tmp_path):
    content = json.loads((unigram_tokenizer.folder / "tokenizer.json").read_text())
    content["model"]["unk_id"] = None
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    refused(tmp_path / "tokenizer.json", r"has no token of unknown words \(unk_id\)")


@pytest.mark.parametrize("order", [1, -1])
def test_a_sequence_of_post_processors(byte_level_tokenizer, tmp_path, order):
    content = json.loads((byte_level_tokenizer.folder / "tokenizer.json").read_text())
    parts = [content["post_processor"], {**LEVEL, "use_regex": True}]
    content["post_processor"] = {"type": "Sequence", "processors": parts[::order]}
    encoder = load_encoder(toy_tokenizers.write_folder(tmp_path / "sequence", content))
    assert encoder.encode_texts(["a word"]) == byte_level_tokenizer.encoder.encode_texts(["a word"])


def test_dropout_is_switched_off(byte_level_tokenizer, tmp_path):
    content = json.loads((byte_level_tokenizer.folder / "tokenizer.json").read_text())
    content["model"]["dropout"] = 0.9
    encoder = load_encoder(toy_tokenizers.write_folder(tmp_path / "dropout", content))
    texts = ["definitions of ordinary words"]
    assert encoder.encode_texts(texts) == byte_level_tokenizer.encoder.encode_texts(texts)


@pytest.mark.parametrize("scheme", ["always", "first", "never"])
def test_marks_of_the_first_word(unigram_tokenizer, tmp_path, scheme):
    content = json.loads((unigram_tokenizer.folder / "tokenizer.json").read_text())
    content["pre_tokenizer"]["prepend_scheme"] = scheme
    encoder = load_encoder(toy_tokenizers.write_folder(tmp_path / scheme, content))
    assert encoder.space_matters == (scheme == "never")
    chunks = ["the", "first", "word"]
    ids = [encoder.encode(chunk, (0, 0), first=k == 0).ids for k, chunk in enumerate(chunks)]
    assert [[*chain(*ids)]] == encoder.encode_texts([" ".join(chunks)])


def test_added_words(word_piece_tokenizer, byte_level_tokenizer, tmp_path):
    for k, tokenizer in enumerate((word_piece_tokenizer, byte_level_tokenizer)):
        content = json.loads((tokenizer.folder / "tokenizer.json").read_text())
        content["added_tokens"].append({**ADDED, "id": 2000, "content": "covid19"})
        encoder = load_encoder(toy_tokenizers.write_folder(tmp_path / str(k), content))
        for chunks in (["covid19", "was", "(covid19)"], ["the", "covid19", "covid19x"]):
            ids = [encoder.encode(c, (0, 0), first=k == 0).ids for k, c in enumerate(chunks)]
            assert [[*chain(*ids)]] == encoder.encode_texts([" ".join(chunks)])
        pieces = encoder.encode("(covid19)", (1, 8))
        labeled = [i for i, label in zip(pieces.ids, pieces.labels, strict=True) if label]
        assert labeled == [encoder.dictionary.index("covid19")]
