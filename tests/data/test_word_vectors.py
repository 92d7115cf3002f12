import pytest
import torch
from fairseq.data import Dictionary

from data_prep.errors import InputError
from fairseq_cline.data.word_vectors import load_word_vectors

GLOVE = "cat 1 2 3\n. . . 7 8 9\ndog 4 5e-1 -6\n<pad> 7 7 7\n"


@pytest.fixture
def dictionary():
    dictionary = Dictionary()
    for word in ("dog", "cow", "cat", "çiğ"):
        dictionary.add_symbol(word)
    return dictionary


@pytest.fixture
def load(tmp_path, dictionary):
    """The embeddings after a file of this content was read, and those before."""

    def run(content: str | bytes):
        path = tmp_path / "vectors.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        before = torch.rand(len(dictionary), 3)
        weight = torch.nn.Parameter(before.clone())
        load_word_vectors(str(path), dictionary, weight)
        return weight.data, before

    return run


@pytest.mark.parametrize(
    "content", [GLOVE, "4 3\n" + GLOVE, GLOVE.replace("\n", " \r\n"), "\ufeff" + GLOVE]
)
def test_reads_words_of_the_dictionary_only(load, dictionary, content, caplog):
    with caplog.at_level("INFO"):
        weight, before = load(content)
    expected = before.clone()
    expected[dictionary.index("cat")] = torch.tensor([1.0, 2, 3])
    expected[dictionary.index("dog")] = torch.tensor([4.0, 0.5, -6])
    assert torch.equal(weight, expected)  # <pad> and the words that the file lacks stay
    assert "vectors for 2 of 4 words (50.0%)" in caplog.text


def test_words_may_have_any_bytes(load, dictionary):
    weight, _ = load(b"\xff\xfe 1 2 3\n" + "çiğ 4 5 6\n".encode())
    assert weight[dictionary.index("çiğ")].tolist() == [4, 5, 6]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("cat 1 2\n", "first line .* vectors of 3 numbers but of 2; set --embedding-dim"),
        ("cat 1 2 3 4\n", "first line .* of 4; set --embedding-dim"),
        ("9 300\ncat 1 2 3\n", "first line .* of 300; set --embedding-dim"),
        ("cat 1 2 3\ndog 4 5\n", "line 2: no word with 3 numbers; get the file again"),
        ("cat 1 2 3\n4 5 6\n", "line 2: no word with 3 numbers"),
        ("1 3\ncat 1 2 3\n\n", "line 3: no word with 3 numbers"),
        ("cow 1 2 3\ncat 1 x 3\n", "line 2: holds something that is no finite number"),
        ("cat 1 nan 3\n", "line 1: holds something that is no finite number"),
        ("fox 1 2 3\n", "has no word of the dictionary; make the data-bin of whole words"),
        ("", "has no word of the dictionary"),
    ],
)
def test_a_damaged_file_is_one_clear_error(load, content, message):
    with pytest.raises(InputError, match=rf"vectors\.txt.*{message}"):
        load(content)


def test_a_missing_file_is_named(dictionary, tmp_path):
    with pytest.raises(InputError, match="none.txt: cannot be read .*; give --embeddings a file"):
        load_word_vectors(str(tmp_path / "none.txt"), dictionary, torch.zeros(8, 3))
