"""The ids, the counts and the antonyms of a data-bin of tokenized text."""

from pathlib import Path

from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDataset

from data_prep.fairseq_format.binarize import Counts
from data_prep.files.checksums import file_sha256
from data_prep.language_modeling.text_databin import Summary, build_databin, describe


def write(folder: Path, **texts: str) -> dict[str, Path]:
    for split, content in texts.items():
        (folder / split).write_text(content, encoding="utf-8")
    return {split: folder / split for split in texts}


def test_ids_and_counts(tmp_path):
    texts = write(tmp_path, train="b a b\n\n<unk> c b a\n", valid="a d\n")
    summary = build_databin(texts, tmp_path / "bin", max_words=2)
    dictionary = Dictionary.load(str(tmp_path / "bin" / "dict.txt"))
    assert dictionary.symbols[4:6] == ["b", "a"]
    eos, unk, b, a = 2, 3, 4, 5
    train = MMapIndexedDataset(str(tmp_path / "bin" / "train"))
    assert [item.tolist() for item in train] == [[b, a, b, eos], [eos], [unk, unk, b, a, eos]]
    valid = MMapIndexedDataset(str(tmp_path / "bin" / "valid"))
    assert [item.tolist() for item in valid] == [[a, unk, eos]]
    assert summary.counts == {"train": Counts(3, 10, 2), "valid": Counts(1, 3, 1)}


def test_a_long_line_is_one_sentence(tmp_path):
    """The text8 layout; triplets would cut it."""
    texts = write(tmp_path, train=" ".join(f"word{i % 7}" for i in range(50_000)))
    assert build_databin(texts, tmp_path / "bin").counts["train"] == Counts(1, 50_001, 0)


def test_the_antonyms_belong_to_the_dictionary(tmp_path):
    texts = write(tmp_path, train="it was hot and not cold\n")
    build_databin(texts, tmp_path / "bin")
    dictionary = Dictionary.load(str(tmp_path / "bin" / "dict.txt"))
    header, *lines = (tmp_path / "bin" / "antonyms.txt").read_text().splitlines()
    assert header.split()[-1] == file_sha256(tmp_path / "bin" / "dict.txt")
    cold, hot = dictionary.index("cold"), dictionary.index("hot")
    assert lines == [f"{cold}\t{hot}", f"{hot}\t{cold}"]


def test_the_table_says_what_is_there(tmp_path):
    counts = {"train": Counts(2, 1000, 25), "valid": Counts(1, 10, 0)}
    summary = Summary(tmp_path, counts, 5_000, "2 of 5,000 symbols have antonyms")
    antonyms, symbols, *lines = describe(summary).splitlines()
    assert antonyms == "2 of 5,000 symbols have antonyms"
    assert symbols == f"{tmp_path}: 5,000 symbols in the dictionary"
    assert [line.split() for line in lines] == [
        ["split", "sentences", "tokens", "<unk>"],
        ["train", "2", "1,000", "2.50%"],
        ["valid", "1", "10", "0.00%"],
    ]
    compared = describe(summary, {"train": "~103M", "valid": "~218k"})
    assert [line.split()[-1] for line in compared.splitlines()[2:]] == ["tokens", "~103M", "~218k"]
