"""Tokenizers of other kinds as a tokenizer.json: the same ids, or one line."""

import io
import shutil

import pytest
import sentencepiece
from tokenizers import Tokenizer, normalizers

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import load_dictionary
from data_prep.tokenizers.as_tokenizer_json import as_tokenizer_json
from data_prep.tokenizers.subwords import load_encoder
from data_prep.tokenizers.tokenizer_json import parse_tokenizer_json

ODD = ["Ünïcode \u3042 x", "1.000 %", "ﬁnd", "e\u0301", "😀", "well-known", "<s> not", "a</s>b"]


def ids(folder, content, texts):
    """The ids of texts by the file, and by the folder."""
    tokenizer = Tokenizer.from_str(content.decode())
    tokenizer.encode_special_tokens = True
    found = [one.ids for one in tokenizer.encode_batch(texts)]
    return found, [[0, *ids, 2] for ids in load_encoder(folder).encode_texts(texts)]


@pytest.fixture
def gpt2_folder(gpt2_tokenizer):
    return gpt2_tokenizer.folder


@pytest.mark.parametrize("kind", ["sentencepiece", "gpt2"])
def test_ids_are_those_of_the_folder(request, kind, glosses):
    folder = request.getfixturevalue(f"{kind}_tokenizer").folder
    content = as_tokenizer_json(folder)
    texts = [" ".join(line.split()) for lines in glosses for line in lines] + ODD[:-2]
    assert len(texts) > 5000
    found, expected = ids(folder, content, texts)
    assert [text for text, a, b in zip(texts, found, expected, strict=True) if a != b] == []
    dictionary = load_dictionary(folder / "dict.txt")
    assert parse_tokenizer_json("x", content).ids() == [*range(len(dictionary) + 1)]
    pair = Tokenizer.from_str(content.decode()).encode("a", "b")
    assert [pair.ids[0], pair.ids[-1]] == [0, 2] and pair.ids.count(2) == 3


def test_a_file_that_is_there_is_taken_as_it_is(word_piece_tokenizer):
    folder = word_piece_tokenizer.folder
    assert as_tokenizer_json(folder) == (folder / "tokenizer.json").read_bytes()


def _train(folder, **settings):
    text = ["the cat sat on the mat", "a dog ran here and there", "Ünd ﬁne 1.000"] * 20
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text), model_writer=written, minloglevel=2, hard_vocab_limit=False,
        **settings,
    )  # fmt: skip
    folder.mkdir()
    (folder / "spm.model").write_bytes(written.getvalue())
    model = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    pieces = [model.id_to_piece(i) for i in range(3, model.get_piece_size())]
    (folder / "dict.txt").write_text("".join(f"{piece} 1\n" for piece in pieces))
    return folder


@pytest.mark.parametrize("settings", [
    {"normalization_rule_name": "nmt_nfkc"}, {"normalization_rule_name": "nmt_nfkc_cf"}, {},
], ids=str)  # fmt: skip
def test_normalization_is_kept(tmp_path, settings):
    folder = _train(tmp_path / "spm", vocab_size=60, **settings)
    texts = ["The CAT sat", "ﬁne  ünd １．０００", "x" * 3]
    found, expected = ids(folder, as_tokenizer_json(folder), texts)
    assert found == expected


def test_other_kinds_of_models_are_refused(tmp_path):
    folder = _train(tmp_path / "bpe", vocab_size=60, model_type="bpe")
    with pytest.raises(InputError, match="not of the kind unigram.*--format fairseq"):
        as_tokenizer_json(folder)


def test_a_text_with_other_ids_is_refused(tmp_path, monkeypatch):
    folder = _train(tmp_path / "spm", vocab_size=60)
    monkeypatch.setattr(normalizers, "Strip", normalizers.Lowercase)
    with pytest.raises(InputError, match="gets other ids"):
        as_tokenizer_json(folder)


def test_a_bpe_whose_dictionary_lacks_a_merged_symbol_is_refused(gpt2_folder, tmp_path):
    folder = tmp_path / "gpt2"
    shutil.copytree(gpt2_folder, folder)
    lines = (folder / "dict.txt").read_text().splitlines(keepends=True)
    (folder / "dict.txt").write_text("".join(lines[:-1]))
    with pytest.raises(InputError, match="cannot give the ids"):
        as_tokenizer_json(folder)
