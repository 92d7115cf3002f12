"""Data-bins of labeled texts: which are taken, and which files of examples fit them."""

import shutil

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin


def test_an_empty_file_is_called_empty(opinions, tmp_path):
    (tmp_path / "examples.tsv").write_text("")
    with pytest.raises(InputError, match="examples.tsv: no example in it"):
        open_databin(str(opinions)).read(str(tmp_path / "examples.tsv"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("good", "lines.tsv, line 2: not label<TAB>text"),
        ("good\ta\tb", "lines.tsv, line 2: 2 text\\(s\\), but line 1 has 1"),
        ("good\t ", "lines.tsv, line 2: not label<TAB>text"),
        ("fair\ta", "lines.tsv, line 2: the label 'fair' is not one of .* \\(bad, good\\)"),
    ],
)
def test_a_wrong_line_is_named(opinions, tmp_path, line, message):
    (tmp_path / "lines.tsv").write_text(f"good\tfine\n{line}\n")
    with pytest.raises(InputError, match=message):
        open_databin(str(opinions)).read(str(tmp_path / "lines.tsv"))


def test_the_examples_of_a_pair_task_are_pairs(pair_databin, tmp_path):
    (tmp_path / "lines.tsv").write_text("yes\tfine\n")
    with pytest.raises(InputError, match="line 1: 1 text\\(s\\), but the examples of .* have 2"):
        open_databin(str(pair_databin)).read(str(tmp_path / "lines.tsv"))


def test_a_number_is_wanted_of_a_regression(number_databin, tmp_path):
    (tmp_path / "lines.tsv").write_text("good\tfine\n")
    with pytest.raises(InputError, match="line 1: 'good' is not a number"):
        open_databin(str(number_databin)).read(str(tmp_path / "lines.tsv"))


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("input0/dict.txt", "input0/dict.txt: no such file; make the data-bin with"),
        ("spm.model", "bin: no tokenizer in it; name a folder with dict.txt and one of spm.model"),
        ("raw/test.tsv", "raw/test.tsv: no such file; give another --split"),
    ],
)
def test_an_incomplete_databin_is_refused(opinions, tmp_path, missing, message):
    folder = tmp_path / "bin"
    shutil.copytree(opinions, folder)
    (folder / missing).unlink()
    (folder / "manifest.json").unlink()
    with pytest.raises(InputError, match=message):
        open_databin(str(folder)).split_path("test")


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"tokenizer": "nltk"}', '{"tokenizer": "moses", "lowercase": true}']
)
def test_words_of_another_tokenizer_are_refused(word_databin, tmp_path, content):
    shutil.copytree(word_databin, tmp_path / "bin")
    (tmp_path / "bin" / "words.json").write_text(content)
    with pytest.raises(InputError, match="words.json: damaged .*; make the data-bin"):
        open_databin(str(tmp_path / "bin"), verify=False)


def test_a_damaged_tokenizer_is_refused(opinions, tmp_path):
    folder = tmp_path / "bin"
    shutil.copytree(opinions, folder)
    (folder / "spm.model").write_bytes(b"damaged")
    with pytest.raises(InputError, match="spm.model: not a SentencePiece model"):
        open_databin(str(folder), verify=False)


def test_another_dictionary_than_the_tokenizers_is_refused(opinions, tmp_path):
    folder = tmp_path / "bin"
    shutil.copytree(opinions, folder)
    with (folder / "dict.txt").open("a") as dictionary:
        dictionary.write("another 1\n")
    with pytest.raises(InputError, match="input0/dict.txt is not the dict.txt of its tokenizer"):
        open_databin(str(folder), verify=False)
