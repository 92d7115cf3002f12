"""GPT-2's two files: an encoder that can encode every text, or one clear line."""

import json
import re
import shutil

import pytest

from data_prep.errors import InputError
from data_prep.tokenizers.gpt2_files import read_gpt2_files


@pytest.fixture
def files(gpt2_tokenizer, tmp_path):
    """Copies of encoder.json and vocab.bpe."""
    copies = tmp_path / "encoder.json", tmp_path / "vocab.bpe"
    for copy in copies:
        shutil.copyfile(gpt2_tokenizer.folder / copy.name, copy)
    return copies


def refused(files, match):
    with pytest.raises(InputError, match=match) as error:
        read_gpt2_files(*files)
    assert "\n" not in str(error.value) and "fetch" in str(error.value)


def test_every_byte_can_be_encoded(files):
    tokenizer = read_gpt2_files(*files)
    text = "the sing \x00 naïve 漢字 \U0001f600"
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


@pytest.mark.parametrize(
    "content",
    [
        "[]", "null", "{}", "1", '"a"', "{", "", '{"a": {}}', '{"a": [1]}', '{"a": "1"}',
        '{"a": 1.0}', '{"a": -1}', '{"a": 4294967296}', '{"a": true}', '{"a": null}', '{"a": 1, "b": 1}', "[" * 100_000,
        '{"a": ' * 100_000, '{"a": ' + "9" * 5000 + "}",
    ],
)  # fmt: skip
def test_what_is_no_encoder(files, content):
    files[0].write_text(content)
    refused(files, f"{re.escape(str(files[0]))}: not GPT-2's encoder.json")


@pytest.mark.parametrize("symbol", ["Ġ", "a", "Ċ", "ing"])
def test_a_missing_symbol(files, symbol):
    """A text with it would be a traceback in the middle of a corpus."""
    symbols = json.loads(files[0].read_text())
    del symbols[symbol]
    files[0].write_text(json.dumps(symbols))
    refused(files, f"encoder.json: lacks 1 symbols that .*vocab.bpe can make, as '{symbol}'")


@pytest.mark.parametrize(
    "content", ["", "#version: 0.2", "a b\n", "#version\na\n", "#version\na b"]
)
def test_what_are_no_merges(files, content):
    files[1].write_text(content)
    refused(files, "vocab.bpe: not GPT-2's vocab.bpe")


def test_a_merge_of_what_nobody_makes(files):
    files[1].write_text("#version: 0.2\nxx e\n", encoding="utf-8")
    refused(files, "encoder.json: lacks 2 symbols that .*vocab.bpe can make, as 'xx'")


@pytest.mark.parametrize("number", [0, 1])
def test_not_utf_8(files, number):
    files[number].write_bytes(b"\xff" + files[number].read_bytes())
    with pytest.raises(InputError, match=f"{files[number]}: not UTF-8 text"):
        read_gpt2_files(*files)


@pytest.mark.parametrize("number", [0, 1])
def test_no_file(files, number):
    files[number].unlink()
    with pytest.raises(InputError, match=f"{files[number]}: no such file"):
        read_gpt2_files(*files)
