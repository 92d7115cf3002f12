"""Translated text to a data-bin: the files of fairseq-preprocess, readable by `translation`."""

import filecmp
import shutil
from pathlib import Path

import pytest
from fairseq.data import Dictionary
from fairseq.data.data_utils import post_process
from fairseq.data.encoders.sentencepiece_bpe import SentencepieceBPE, SentencepieceConfig
from fairseq.data.indexed_dataset import MMapIndexedDataset
from fairseq.tasks.translation import TranslationConfig, TranslationTask

from data_prep import parallel_text
from data_prep.english import wordnet
from data_prep.errors import ResourceError
from data_prep.files.checksums import file_sha256

PAIR = ("en", "fx")
SPLITS = ("train", "valid", "test", "test1")
# All that could bring the sides out of step or come out differently from another reader.
ODD = [
    "a  lone\rreturn and\u2028a separator",
    "naïve\u00a0words &\ttabs",
    "ends like Windows\r",
    "<unk> </s> literally",
    "ﬁne ligature…",
]


def write(folder: Path, name: str, source: list[str], target: list[str]) -> Path:
    for language, lines in zip(PAIR, (source, target), strict=True):
        (folder / f"{name}.{language}").write_text(
            "\n".join(lines) + "\n", encoding="utf-8", newline=""
        )
    return folder / name


def foreign(line: str) -> str:
    """A translation with other words in another order."""
    return " ".join(f"{word[::-1]}o" for word in reversed(line.split(" ")))


@pytest.fixture(scope="module")
def prefixes(text, tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("parallel")
    lines = [line for line in text.read_text(encoding="utf-8").split("\n") if line]
    parts = {
        "train": ["it was hot, not cold", *lines[:1500], *ODD, "", "only this side", "\u200b", "z"],
        "valid": [*ODD, *lines[1500:1530], "", "an unseen 漢字 here"],
        "test": lines[1530:1550],
        "test1": lines[1550:1560],
    }
    # A zero width space is text for Python but leaves no piece.
    empty = {"only this side": "", "z": " \t"}
    return {
        split: write(folder, split, part, [empty.get(line, foreign(line)) for line in part])
        for split, part in parts.items()
    }


def command(prefixes: dict[str, Path], destdir: Path, *options: str) -> list[str]:
    return [
        "--source-lang", PAIR[0], "--target-lang", PAIR[1],
        "--train", str(prefixes["train"]), "--valid", str(prefixes["valid"]),
        "--test", str(prefixes["test"]), str(prefixes["test1"]),
        "--destdir", str(destdir), "--vocab-size", "600", *options,
    ]  # fmt: skip


@pytest.fixture(scope="module", params=["joined", "separate"])
def built(request, prefixes, tmp_path_factory) -> tuple[bool, Path]:
    joined = request.param == "joined"
    folder = tmp_path_factory.mktemp(request.param) / "bin"
    parallel_text.main(command(prefixes, folder, *(["--joined-dictionary"] if joined else [])))
    return joined, folder


def bpe(joined: bool, databin: Path, language: str) -> SentencepieceBPE:
    """fairseq's `--bpe sentencepiece`."""
    name = "spm.model" if joined else f"spm.{language}.model"
    return SentencepieceBPE(SentencepieceConfig(sentencepiece_model=str(databin / name)))


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def binary_names() -> set[str]:
    stems = {f"{split}.en-fx.{language}" for split in SPLITS for language in PAIR}
    return {f"{stem}.{ending}" for stem in stems for ending in ("bin", "idx")}


def test_the_files_are_those_of_fairseq_preprocess(binaries, built, prefixes, tmp_path):
    joined, databin = built
    for split, prefix in prefixes.items():
        sides = [Path(f"{prefix}.{language}") for language in PAIR]
        texts = [side.read_bytes().decode().split("\n")[:-1] for side in sides]
        models = [bpe(joined, databin, language) for language in PAIR]
        pieces = [[m.encode(line) for line in t] for m, t in zip(models, texts, strict=True)]
        pairs = list(zip(*pieces, strict=True))
        if split == "train":
            pairs = [pair for pair in pairs if all(pair)]
        write(tmp_path, split, *map(list, zip(*pairs, strict=True)))
    done = binaries.run(
        "-m", "fairseq_cli.preprocess",
        "--source-lang", PAIR[0], "--target-lang", PAIR[1],
        "--trainpref", str(tmp_path / "train"), "--validpref", str(tmp_path / "valid"),
        "--testpref", f"{tmp_path / 'test'},{tmp_path / 'test1'}",
        "--destdir", str(tmp_path / "fairseq"),
        *(["--joined-dictionary"] if joined else []),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = binary_names() | {"dict.en.txt", "dict.fx.txt"}
    models = {"spm.model"} if joined else {"spm.en.model", "spm.fx.model"}
    others = {"raw", "antonyms.en.txt", "manifest.json"}
    assert {path.name for path in databin.iterdir()} == names | models | others
    for name in names:
        assert (databin / name).read_bytes() == (tmp_path / "fairseq" / name).read_bytes(), name


def test_translation_reads_both_directions(built):
    _, databin = built
    for source, target in (PAIR, PAIR[::-1]):
        config = TranslationConfig(data=str(databin), source_lang=source, target_lang=target)
        config.dataset_impl, config.required_seq_len_multiple = "mmap", 1  # set by the binaries
        task = TranslationTask.setup_task(config)
        for split in SPLITS:
            task.load_dataset(split)
        assert len(task.dataset("train")) == 1506
        item = task.dataset("test")[0]
        raw = lines_of(databin / "raw" / f"test.{source}")[0]
        assert task.source_dictionary.string(item["source"], "sentencepiece") == raw


def test_pieces_give_the_raw_text_again(built):
    joined, databin = built
    for split in ("test", "test1"):
        for language in PAIR:
            dictionary = Dictionary.load(str(databin / f"dict.{language}.txt"))
            data = MMapIndexedDataset(str(databin / f"{split}.en-fx.{language}"))
            decode = bpe(joined, databin, language).decode
            raw = lines_of(databin / "raw" / f"{split}.{language}")
            assert [decode(dictionary.string(ids)) for ids in data] == raw
            assert [post_process(dictionary.string(ids), "sentencepiece") for ids in data] == raw


def test_the_raw_text_has_a_line_for_each_sentence(built):
    _, databin = built
    for language in PAIR:
        path = databin / "raw" / f"valid.{language}"
        with path.open(encoding="utf-8") as text:  # as sacreBLEU does
            lines = [line.rstrip("\n") for line in text]
        assert len(lines) == len(MMapIndexedDataset(str(databin / f"valid.en-fx.{language}"))) == 37
    english = lines_of(databin / "raw" / "valid.en")
    assert english[:3] == [
        "a lone return and a separator",
        "naïve words & tabs",
        "ends like Windows",
    ]
    assert english[4] == "ﬁne ligature…"  # a reference is not normalized
    assert english[-2] == ""
    assert not (databin / "raw" / "train.en").exists()


def test_a_new_character_is_unknown(built):
    _, databin = built
    dictionary = Dictionary.load(str(databin / "dict.en.txt"))
    last = MMapIndexedDataset(str(databin / "valid.en-fx.en"))[36].tolist()
    assert last.count(dictionary.unk()) == 1


def test_a_joined_dictionary_is_one(built):
    joined, databin = built
    assert joined == filecmp.cmp(databin / "dict.en.txt", databin / "dict.fx.txt", shallow=False)


def test_the_antonyms_belong_to_the_english_dictionary(built):
    _, databin = built
    dictionary = Dictionary.load(str(databin / "dict.en.txt"))
    header, *lines = (databin / "antonyms.en.txt").read_text().splitlines()
    assert header.split()[-1] == file_sha256(databin / "dict.en.txt")
    antonyms = {line.split("\t")[0]: line.split("\t")[1].split() for line in lines}
    large, small = (str(dictionary.index(word)) for word in ("▁large", "▁small"))
    assert small in antonyms[large]


def test_the_same_command_gives_the_same_bytes(built, prefixes, tmp_path):
    joined, databin = built
    options = ["--joined-dictionary"] if joined else []
    parallel_text.main(command(prefixes, tmp_path / "again", *options))
    files = sorted(p.relative_to(databin) for p in databin.rglob("*") if p.is_file())
    assert files == sorted(
        p.relative_to(tmp_path / "again") for p in tmp_path.rglob("*") if p.is_file()
    )
    for file in files:
        assert (databin / file).read_bytes() == (tmp_path / "again" / file).read_bytes(), file


def test_without_english_no_wordnet_is_needed(prefixes, tmp_path, capsys, monkeypatch):
    def missing():
        raise ResourceError("WordNet 3.0 is not installed; run: this")

    monkeypatch.setattr(wordnet, "open_wordnet", missing)
    with pytest.raises(SystemExit):
        parallel_text.main(command(prefixes, tmp_path / "bin"))
    assert capsys.readouterr().err == (
        "parallel_text: error: WordNet 3.0 is not installed; run: this\n"
    )
    assert list(tmp_path.iterdir()) == []
    for name in ("train", "valid"):
        shutil.copy(f"{prefixes[name]}.en", tmp_path / f"{name}.xx")
        shutil.copy(f"{prefixes[name]}.fx", tmp_path / f"{name}.yy")
    parallel_text.main(
        ["--source-lang", "xx", "--target-lang", "yy", "--train", str(tmp_path / "train")]
        + ["--valid", str(tmp_path / "valid"), "--destdir", str(tmp_path / "bin")]
        + ["--vocab-size", "300"]
    )
    assert (tmp_path / "bin" / "train.xx-yy.xx.bin").is_file()
    assert not list((tmp_path / "bin").glob("antonyms*"))
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["train", "1,506"] in [line[:2] for line in printed]
    assert any(line[:4] == ["4", "training", "pairs", "left"] for line in printed)


@pytest.fixture
def small(tmp_path) -> dict[str, Path]:
    lines = ["a b c d e f g h", ""]
    return {split: write(tmp_path, split, lines, lines) for split in ("train", "valid")}


@pytest.mark.parametrize(
    ("file", "content", "options", "message"),
    [
        ("train.fx", b"a\nb\nc\n", [], "train.en has 2 lines of text, but "),
        ("train.fx", b"a\nb\nc", [], "train.fx has 3; give files whose lines are translations"),
        ("valid.fx", b"a\nb\nc\n", [], "valid.en has 2 lines of text, but "),
        ("valid.en", b"\n \n", [], "valid.en: no text in it; give at least one sentence"),
        ("valid.en", b"a\n\xff\n", [], "valid.en: not UTF-8 text after line "),
        ("valid.fx", None, [], "valid.fx: no such file; check the path and the languages"),
        ("train.fx", b"\nh i j k l m n\n", [], "train.en: none of its lines has a translation in"),
        ("train.fx", b"a\nb\n", ["--vocab-size", "5000"], "cannot train 5000 pieces on this te"),
        ("train.fx", b"a\nb\n", ["--vocab-size", "0"], "--vocab-size: '0' is not a whole num"),
        ("train.fx", b"a\nb\n", ["--target-lang", "en"], "--source-lang and --target-lang are b"),
    ],
)
def test_bad_input_ends_in_one_line_and_leaves_nothing(
    small, tmp_path, capsys, file, content, options, message
):
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    before = set(tmp_path.iterdir())
    with pytest.raises(SystemExit) as end:
        parallel_text.main(
            ["--source-lang", "en", "--target-lang", "fx", "--train", str(small["train"])]
            + ["--valid", str(small["valid"]), "--destdir", str(tmp_path / "bin")]
            + ["--vocab-size", "20", "--joined-dictionary", *options]
        )
    assert end.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("parallel_text: error: ") and message in last
    assert set(tmp_path.iterdir()) == before


def test_a_databin_is_not_overwritten(built, prefixes, capsys):
    _, databin = built
    before = (databin / "train.en-fx.en.bin").stat()
    with pytest.raises(SystemExit) as end:
        parallel_text.main(command(prefixes, databin))
    assert end.value.code == 1
    assert capsys.readouterr().err.endswith(
        "bin: exists already; choose another folder or remove it\n"
    )
    assert (databin / "train.en-fx.en.bin").stat() == before


@pytest.mark.parametrize("name", ["", "no/such", "a b", "."])
def test_the_name_of_a_language_is_part_of_names_of_files(tmp_path, capsys, name):
    words = [
        "--target-lang",
        "yy",
        "--train",
        "a",
        "--valid",
        "b",
        "--destdir",
        str(tmp_path / "new"),
    ]
    with pytest.raises(SystemExit):
        parallel_text.main([*words, f"--source-lang={name}"])
    assert "error: --source-lang: " in capsys.readouterr().err
