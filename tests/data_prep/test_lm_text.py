"""The command on tokenized text: the files of fairseq-preprocess, all of them or nothing."""

from pathlib import Path

import pytest

from data_prep import lm_text
from data_prep.english import wordnet
from data_prep.errors import ResourceError
from data_prep.language_modeling.text_databin import SPLITS, build_databin


@pytest.fixture(scope="module")
def texts(text, tmp_path_factory) -> dict[str, Path]:
    """Real text with all that may differ between readers: empty lines, a carriage return, other
    white space, special symbols, an unfinished last line."""
    folder = tmp_path_factory.mktemp("texts")
    lines = text.read_text(encoding="utf-8").split("\n")
    odd = ["", "  ", "a <unk> b </s> c", "madeupword0000 naïve\u00a0word\u2028here\u200b", "x\rb\r"]
    paths = {split: folder / f"{split}.txt" for split in SPLITS}
    paths["train"].write_text("\n".join(lines[:3000] + odd), encoding="utf-8", newline="")
    paths["valid"].write_text("\n".join(odd + lines[3000:3200]) + "\n", encoding="utf-8")
    paths["test"].write_text("\n".join(lines[3200:3400]), encoding="utf-8")
    return paths


@pytest.mark.parametrize(
    ("ours", "fairseqs"),
    [
        ([], []),
        # fairseq counts its four special symbols as words
        (["--vocab-size", "500"], ["--nwordssrc", "504"]),
        (["--min-count", "3"], ["--thresholdsrc", "3"]),
        (
            ["--vocab-size", "900", "--min-count", "2"],
            ["--nwordssrc", "904", "--thresholdsrc", "2"],
        ),
    ],
)
def test_the_files_are_those_of_fairseq_preprocess(binaries, texts, tmp_path, ours, fairseqs):
    given = [argument for split, path in texts.items() for argument in (f"--{split}", str(path))]
    lm_text.main([*given, "--destdir", str(tmp_path / "ours"), *ours])
    prefixes = [str(a) for split, path in texts.items() for a in (f"--{split}pref", path)]
    done = binaries.run(
        "-m", "fairseq_cli.preprocess",
        "--only-source", *prefixes, "--destdir", str(tmp_path / "fairseq"), *fairseqs,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = {"dict.txt", *(f"{s}.{ending}" for s in SPLITS for ending in ("bin", "idx"))}
    made = {path.name for path in (tmp_path / "ours").iterdir()}
    assert made == names | {"antonyms.txt", "manifest.json"}
    for name in names:
        assert (tmp_path / "ours" / name).read_bytes() == (
            tmp_path / "fairseq" / name
        ).read_bytes(), name


@pytest.mark.parametrize(
    ("train", "valid", "options", "message"),
    [
        (b"a b\n", b"\xff\xfe\n", [], "valid: not UTF-8 text after line 0 (invalid start byte); "),
        (b"\n \n", b"a\n", [], "train: no text in it; give at least one sentence"),
        (b"a b\n", b"", [], "valid: no text in it; give at least one sentence"),
        (b"a b\n", None, [], "valid: no such file; check the path"),
        (b"a b\n", b"a\n", ["--vocab-size", "0"], "--vocab-size: '0' is not a whole number"),
        (b"a b\n", b"a\n", ["--min-count", "0"], "--min-count: '0' is not a whole number"),
    ],
)
def test_bad_input_ends_in_one_line_and_leaves_nothing(
    tmp_path, capsys, train, valid, options, message
):
    (tmp_path / "train").write_bytes(train)
    if valid is not None:
        (tmp_path / "valid").write_bytes(valid)
    before = set(tmp_path.iterdir())
    with pytest.raises(SystemExit) as end:
        lm_text.main(
            ["--train", str(tmp_path / "train"), "--valid", str(tmp_path / "valid"), *options]
            + ["--destdir", str(tmp_path / "bin")]
        )
    assert end.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("lm_text: error: ") and message in last
    assert set(tmp_path.iterdir()) == before


def test_a_databin_is_not_overwritten(tmp_path, capsys):
    (tmp_path / "train").write_text("a b\n")
    build_databin({"train": tmp_path / "train"}, tmp_path / "bin")
    before = (tmp_path / "bin" / "train.bin").stat()
    with pytest.raises(SystemExit) as end:
        lm_text.main(["--train", str(tmp_path / "train"), "--destdir", str(tmp_path / "bin")])
    assert end.value.code == 1
    assert capsys.readouterr().err.endswith(
        "bin: exists already; choose another folder or remove it\n"
    )
    assert (tmp_path / "bin" / "train.bin").stat() == before


def test_without_wordnet_nothing_is_begun(tmp_path, capsys, monkeypatch):
    def missing():
        raise ResourceError("WordNet 3.0 is not installed; run: this")

    monkeypatch.setattr(wordnet, "open_wordnet", missing)
    (tmp_path / "train").write_text("a b\n")
    with pytest.raises(SystemExit):
        lm_text.main(
            ["--train", str(tmp_path / "train"), "--destdir", str(tmp_path / "new" / "bin")]
        )
    assert capsys.readouterr().err == "lm_text: error: WordNet 3.0 is not installed; run: this\n"
    assert not (tmp_path / "new").exists()
