"""Words instead of sub-words: what is encoded, what is written beside it, what is refused."""

import json
from pathlib import Path

import pytest
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDataset
from nltk.tokenize import NLTKWordTokenizer

from data_prep import text_classification
from data_prep.tokenizers.text_encoders import load_text_encoder
from data_prep.tokenizers.words import WordTokenizer

ROWS = [
    ("pos", 'A "Fine" film, isn\'t it? Naïve.', "Second text"),
    ("neg", "</s> and <unk> are words.", "second  Film"),
    ("pos", "a film: fine.", "what"),
    ("neg", "Dull, dull...", "何"),
]


def write(path: Path, rows) -> Path:
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def build(tmp_path, capsys):
    """Makes a data-bin of words; the training rows are also the validation split."""

    def call(*options: object, words=("--words",), train=ROWS, test=ROWS) -> tuple[Path, str]:
        texts = [write(tmp_path / f"{k}.tsv", rows) for k, rows in enumerate((train, test))]
        databin = tmp_path / f"bin{sum(1 for _ in tmp_path.iterdir())}"
        line = ["--train", texts[0], "--valid", texts[0], "--test", texts[1], *words]
        text_classification.main([*map(str, [*line, "--destdir", databin, *options])])
        return databin, capsys.readouterr().out

    return call


def words_of(databin: Path, split: str = "train", text: int = 0) -> list[list[str]]:
    """The words of each example, in the dictionary that is in the data-bin."""
    dictionary = Dictionary.load(str(databin / f"input{text}" / "dict.txt"))
    items = MMapIndexedDataset(str(databin / f"input{text}" / split))
    assert all(item[-1] == dictionary.eos() for item in items)
    return [[dictionary[int(i)] for i in item[:-1]] for item in items]


@pytest.mark.parametrize("keep_case", [False, True])
def test_texts_come_back_as_words(build, keep_case):
    databin, _ = build("--min-count", 1, *["--keep-case"] * keep_case)
    tokenize = NLTKWordTokenizer().tokenize
    for k in range(2):
        texts = [row[1 + k] if keep_case else row[1 + k].lower() for row in ROWS]
        assert words_of(databin, text=k) == [tokenize(text) for text in texts]
    assert json.loads((databin / "words.json").read_text()) == {
        "tokenizer": "nltk",
        "lowercase": not keep_case,
    }


def test_what_words_are(build):
    databin, _ = build("--min-count", 1)
    first, second, *_ = words_of(databin)
    assert first == ["a", "``", "fine", "''", "film", ",", "is", "n't", "it", "?", "naïve", "."]
    assert second[:3] == ["<", "/s", ">"]  # no special symbol


def test_both_texts_share_the_dictionary_of_train(build):
    databin, _ = build("--min-count", 1, test=[("pos", "unseen Film", "WHAT is unseen")])
    files = [(databin / name / "dict.txt").read_bytes() for name in ("input0", "input1")]
    assert files[0] == files[1]
    assert words_of(databin, "test") == [["<unk>", "film"]]
    assert words_of(databin, "test", 1) == [["what", "is", "<unk>"]]


def test_the_drawn_validation_split_is_not_in_the_dictionary(tmp_path):
    rows = [("01"[k % 2], f"word{k}") for k in range(20)]
    train = write(tmp_path / "train.tsv", rows)
    line = ["--train", train, "--words", "--min-count", 1, "--destdir", tmp_path / "bin"]
    text_classification.main([*map(str, line)])
    assert words_of(tmp_path / "bin", "valid") == [["<unk>"], ["<unk>"]]
    assert words_of(tmp_path / "bin") == [
        [line.split("\t")[1]]
        for line in (tmp_path / "bin" / "raw" / "train.tsv").read_text().splitlines()
    ]


def test_rare_words(build):
    databin, output = build()  # less than twice
    assert words_of(databin)[3] == ["dull", ",", "dull", "<unk>"]
    assert words_of(databin, text=1) == [
        ["second", "<unk>"],
        ["second", "film"],
        ["<unk>"],
        ["<unk>"],
    ]
    words = [word for k in range(2) for example in words_of(databin, text=k) for word in example]
    share = words.count("<unk>") / len(words)
    [line] = [line for line in output.splitlines() if line.split()[0] == "train"]
    assert line.split()[-1] == f"{share:.3%}"


def test_a_given_dictionary(build, tmp_path):
    (tmp_path / "mine").mkdir()
    for name, content in WordTokenizer(lowercase=False).files().items():
        (tmp_path / "mine" / name).write_bytes(content)
    dictionary = tmp_path / "mine" / "dict.txt"
    dictionary.write_text("film 5\nfine 3\n")
    databin, output = build("--tokenizer", dictionary.parent, words=[])
    for name in ("dict.txt", "input0/dict.txt"):
        assert (databin / name).read_text() == dictionary.read_text()
    assert words_of(databin)[2] == ["<unk>", "film", "<unk>", "fine", "<unk>"]
    assert words_of(databin)[1][-1] == "<unk>"  # Film
    assert "--init-token 0 for an encoder that reads the first place" in output


def test_a_databin_is_a_tokenizer(build):
    first, _ = build("--min-count", 1)
    again, _ = build("--tokenizer", first, words=[])
    assert words_of(again) == words_of(first)
    assert (again / "words.json").read_bytes() == (first / "words.json").read_bytes()
    texts = [row[1] for row in ROWS]
    encoder = load_text_encoder(first)
    symbols = [[encoder.dictionary[i] for i in ids] for ids in encoder.encode_texts(texts)]
    assert symbols == words_of(first)
    assert encoder.decode(encoder.encode_texts([texts[2]])[0]) == "a film : fine ."


def test_what_it_says(build):
    databin, output = build()
    symbols = Dictionary.load(str(databin / "input0" / "dict.txt"))
    assert f"dictionary: {len(symbols):,} symbols" in output
    assert "fairseq-train: --num-classes 2 --separator-token 2 --shorten-method truncate" in output
    assert "--init-token 0 for an encoder that reads the first place" in output


def test_the_same_command_gives_the_same_bytes(build):
    def contents(folder: Path) -> dict[str, bytes]:
        files = (path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    assert contents(build()[0]) == contents(build()[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--words", "--tokenizer", "m"],
            "give either --tokenizer FOLDER, that of the encoder, or",
        ),
        ([], "give either --tokenizer FOLDER, that of the encoder, or --words"),
        (["--words", "--min-count", "0"], "--min-count: '0' is not a whole number"),
        (["--tokenizer", "absent"], "absent: not a folder; name one with dict.txt and one of spm"),
        (["--keep-case", "--tokenizer", "m"], "--keep-case and --min-count are for --words"),
        (["--min-count", "2", "--tokenizer", "m"], "--keep-case and --min-count are for --words"),
    ],
)
def test_options_that_do_not_fit(tmp_path, capsys, options, message):
    train = write(tmp_path / "train.tsv", ROWS)
    line = ["--train", train, "--destdir", tmp_path / "new" / "bin", *options]
    with pytest.raises(SystemExit) as end:
        text_classification.main([*map(str, line)])
    assert end.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("text_classification: error: ") and error.count("\n") == 1
    assert message in error
    assert not (tmp_path / "new").exists()
