"""The word tokenizer: what is a word, letter case, and the settings on disk."""

import json

import pytest

from data_prep.tokenizers.words import WordTokenizer

TEXT = 'Isn\'t it "Naïve"?'


def test_words_and_marks_stand_alone():
    words = ["Is", "n't", "it", "``", "Naïve", "''", "?"]
    assert WordTokenizer(lowercase=False).words(TEXT) == words
    assert WordTokenizer().words(TEXT) == [word.lower() for word in words]


@pytest.mark.parametrize("lowercase", [True, False])
def test_settings_come_back(tmp_path, lowercase):
    [(name, content)] = WordTokenizer(lowercase).files().items()
    (tmp_path / name).write_bytes(content)
    written = json.loads((tmp_path / "words.json").read_text())
    assert written == {"tokenizer": "nltk", "lowercase": lowercase}
    assert WordTokenizer.load(tmp_path / "words.json").lowercase == lowercase


@pytest.mark.parametrize("content", ["{", "[]", '{"tokenizer": "moses", "lowercase": true}'])
def test_other_settings_are_refused(tmp_path, content):
    (tmp_path / "words.json").write_text(content)
    with pytest.raises(ValueError):
        WordTokenizer.load(tmp_path / "words.json")
