"""make_triplets through its command line."""

import filecmp
import gzip
import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from fairseq.data.indexed_dataset import MMapIndexedDataset

from data_prep import make_triplets
from data_prep.files.checksums import file_sha256
from data_prep.files.text_units import UNIT_CHARACTERS

FAST = ["--tagger", "lexicon", "--survey-words", 20_000, "--tokens-per-sample", 64]


def same_files(one: Path, other: Path) -> bool:
    names = sorted(p.name for p in one.iterdir())
    assert names == sorted(p.name for p in other.iterdir())
    return filecmp.cmpfiles(one, other, names, shallow=False)[1:] == ([], [])


def test_the_manifest_tells_the_truth(databin):
    manifest = json.loads((databin / "manifest.json").read_text())
    for name, entry in manifest["files"].items():
        assert entry == {
            "bytes": (databin / name).stat().st_size,
            "sha256": file_sha256(databin / name),
        }
    counts = manifest["splits"]["train"]
    for version in ("ori", "syn", "ant"):
        dataset = MMapIndexedDataset(str(databin / f"train.{version}"))
        assert len(dataset) == counts["blocks"]
        assert dataset.sizes.sum() == counts[f"tokens_{version}"]
    for version in ("syn", "ant"):
        labels = np.fromfile(databin / f"train.{version}_labels.bin", dtype=np.uint8)
        assert set(labels.tolist()) == {0, 1}
    assert 0.5 < manifest["lexicon_agreement"]["fine"] <= 1


def test_same_bytes_for_any_number_of_workers_and_hash_seed(
    run, text, databin, sentencepiece_tokenizer, tmp_path
):
    """They are those that the library has written in one process."""
    done = run(
        "make_triplets", "--train", text, "--destdir", tmp_path / "two", "--workers", 2, "--show", 1, *FAST,
        *sentencepiece_tokenizer.options, env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert same_files(databin, tmp_path / "two")
    assert re.search(r"synonym version: \d+\.\d% of words", done.stdout)
    assert "words/s" in done.stderr


def test_shards_together_are_the_whole(run, text, databin, sentencepiece_tokenizer, tmp_path):
    for number in range(2):
        done = run(
            "make_triplets", "--train", text, "--valid", text, "--shard", f"{number}/2",
            "--destdir", tmp_path / str(number), *FAST, *sentencepiece_tokenizer.options,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "0" / "valid.ori.bin").exists()
    assert not (tmp_path / "1" / "valid.ori.bin").exists()
    assert filecmp.cmp(tmp_path / "0" / "dict.txt", tmp_path / "1" / "dict.txt", shallow=False)
    for version in ("ori", "syn", "ant"):
        whole = sorted(t.tobytes() for t in blocks_of(databin, version))
        parts = [t.tobytes() for n in "01" for t in blocks_of(tmp_path / n, version)]
        assert sorted(parts) == whole


def blocks_of(folder: Path, version: str) -> list[np.ndarray]:
    return [item.numpy() for item in MMapIndexedDataset(str(folder / f"train.{version}"))]


def stop_midway(
    binaries, dest: Path, arguments: list, workers: int, number: int = signal.SIGKILL
) -> str:
    """Starts make_triplets and stops it when its journal knows some units; what it has to say."""
    words = ("--destdir", dest, "--workers", workers, *arguments)
    process = binaries.start("-m", "data_prep.make_triplets", *words)
    journal = dest.with_name(dest.name + ".partial") / "work" / "journal.json"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if journal.exists() and '"next"' in journal.read_text():
            break
        time.sleep(0.05)
    process.send_signal(number)
    done = process.finish(60)
    assert done.returncode in (-signal.SIGKILL, 130), "it ended before it could be stopped"
    assert not dest.exists()
    return done.stderr


@pytest.fixture(scope="session")
def long_text(text, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.txt"
    path.write_text(text.read_text(encoding="utf-8") * 8, encoding="utf-8")
    return path


def test_killed_and_resumed_gives_the_same_bytes(
    binaries, run, long_text, sentencepiece_tokenizer, tmp_path
):
    """Two workers must neither outlive their parent nor hold its lock."""
    arguments = ["--train", long_text, *FAST, *sentencepiece_tokenizer.options]
    stop_midway(binaries, tmp_path / "resumed", arguments, workers=2)
    for name in ("resumed", "straight"):
        done = run("make_triplets", "--destdir", tmp_path / name, *arguments)
        assert done.returncode == 0, (name, done.stderr)
    assert same_files(tmp_path / "resumed", tmp_path / "straight")


def test_another_text_does_not_continue_an_interrupted_run(
    binaries, run, long_text, sentencepiece_tokenizer, tmp_path
):
    """Edited in place, without a change of its size."""
    mine = tmp_path / "mine.txt"
    mine.write_bytes(long_text.read_bytes())
    arguments = ["--train", mine, *FAST, *sentencepiece_tokenizer.options]
    told = stop_midway(binaries, tmp_path / "out", arguments, workers=1, number=signal.SIGINT)
    assert told.splitlines()[-1] == (
        f"make_triplets: interrupted; what is made by now stays in {tmp_path / 'out'}.partial; give "
        "the same command again to go on"
    )
    assert "Traceback" not in told
    with mine.open("r+b") as binary:
        binary.write(b"XYZ")
    done = run("make_triplets", "--destdir", tmp_path / "out", *arguments)
    assert done.returncode == 1
    assert "not the text that the unfinished run began with" in done.stderr
    assert not (tmp_path / "out").exists()


def test_two_workers_with_the_default_tagger(run, text, sentencepiece_tokenizer, tmp_path):
    """One unit of work and a half: spaCy takes most of the time."""
    some = tmp_path / "some.txt"
    some.write_text(text.read_text(encoding="utf-8")[: UNIT_CHARACTERS * 3 // 2], encoding="utf-8")
    options = ["--tokens-per-sample", 64, "--survey-words", 2000, *sentencepiece_tokenizer.options]
    for workers in (1, 2):
        done = run(
            "make_triplets", "--train", some, "--destdir", tmp_path / str(workers),
            "--workers", workers, *options,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert same_files(tmp_path / "1", tmp_path / "2")


def test_gzip_and_standard_input_give_the_blocks_of_the_plain_file(
    run, text, sentencepiece_tokenizer, tmp_path
):
    """The sample for the lexicon differs between them, so the tags are spaCy's, on little text."""
    plain = tmp_path / "plain.txt"
    plain.write_text("".join(text.read_text().splitlines(keepends=True)[:600]))
    packed = tmp_path / "packed.txt.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    options = ["--tokens-per-sample", 64, *sentencepiece_tokenizer.options]
    for name, source in (("plain", plain), ("packed", packed), ("pipe", "-")):
        done = run(
            "make_triplets", "--test", source, "--destdir", tmp_path / name, *options,
            input=plain.read_text(),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    for name in ("packed", "pipe"):
        assert filecmp.cmp(tmp_path / "plain" / "test.ori.bin", tmp_path / name / "test.ori.bin")
        assert filecmp.cmp(tmp_path / "plain" / "test.syn.bin", tmp_path / name / "test.syn.bin")


def test_show_writes_nothing(run, text, tokenizer, tmp_path):
    done = run("make_triplets", "--train", text, "--show", 3, *FAST, *tokenizer.options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("original ") == 3
    assert " > " in done.stdout
    for kind in ("synonym", "hypernym", "inflection", "antonym", "random"):
        assert re.search(rf"{kind} \d+\.\d%", done.stdout)


def test_an_audit_is_a_table_alone(run, text, sentencepiece_tokenizer):
    options = [*FAST, *sentencepiece_tokenizer.options]
    done = run("make_triplets", "--train", text, "--audit", 20, *options)
    assert done.returncode == 0, done.stderr
    head, *rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert head == ["verdict", "kind", "tag", "word", "replacement", "reason", "sentence"]
    assert len(rows) == 20 and all(len(row) == len(head) for row in rows)
    assert "lexicon against spaCy" in done.stderr


def test_negations_and_words_to_avoid(run, text, sentencepiece_tokenizer, tmp_path):
    """Nothing becomes a word to avoid, whatever its case."""
    avoided = tmp_path / "avoid.txt"
    avoided.write_text("Small\nlarge\n\nbig\n")
    lines = tmp_path / "sizes.txt"
    lines.write_text(
        "The large house is not small. A big dog ate a little cat. You are not thin.\n" * 50
    )
    options = ["--negations", 0.5, "--avoid", avoided, "--survey-words", 2000, "--show", 30]
    done = run("make_triplets", "--train", lines, *options, *sentencepiece_tokenizer.options)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"> (small|large|big)\]", done.stdout)
    assert "[not thin > fat]" in done.stdout or "not [thin > fat]" in done.stdout
    assert re.search(r"\d% of triplets are a sentence with another polarity", done.stdout)


@pytest.fixture
def bad(tmp_path, text, sentencepiece_tokenizer) -> dict[str, list]:
    """Name -> (arguments, what the message must say)."""
    spm = sentencepiece_tokenizer.options
    model = {name: sentencepiece_tokenizer.folder / name for name in ("spm.model", "dict.txt")}

    def folder(name: str, files: dict[str, Path]) -> list:
        (tmp_path / name).mkdir()
        for file, source in files.items():
            shutil.copyfile(source, tmp_path / name / file)
        return ["--tokenizer", tmp_path / name]

    empty, binary, foreign = (tmp_path / n for n in ("empty.txt", "binary.txt", "dict.txt"))
    empty.touch()
    binary.write_bytes(b"\xff\xfe\x00")
    foreign.write_text("hello 1\n")
    function_words, broken = tmp_path / "function.txt", tmp_path / "broken"
    function_words.write_text("of the and\n")
    broken.write_text("{no dictionary and no json\n")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").touch()
    out = ["--destdir", tmp_path / "out"]
    train = ["--train", text]
    return {
        "missing text": (["--train", tmp_path / "absent.txt", *out, *spm], "absent.txt"),
        "empty corpus": (["--train", empty, *out, *spm], "empty.txt"),
        "not UTF-8": (["--train", binary, *out, *spm], "binary.txt"),
        "no text": ([*out, *spm], "--train"),
        "no destination": ([*train, *spm], "--destdir"),
        "destination exists": ([*train, "--destdir", tmp_path / "there", *spm], "there"),
        "no tokenizer": ([*train, *out], "--tokenizer"),
        "wrong dictionary": (
            [*train, *out, *folder("wrong", {**model, "dict.txt": foreign})],
            "wr",
        ),
        "missing model": ([*train, *out, *folder("no-model", {"dict.txt": foreign})], "no-model"),
        "half of GPT-2": ([*train, *out, *folder("half", {"encoder.json": broken})], "vocab.bpe"),
        "two tokenizers": ([*train, *out, *folder("two", {**model, "words.json": broken})], "two"),
        "words": (
            [*train, *out, *folder("words", {"words.json": broken})],
            "words: a tokenizer of w",
        ),
        "standard input twice": (["--train", "-", "--valid", "-", *out, *spm], "standard input"),
        "no text in this shard": (["--valid", text, "--shard", "1/2", *out, *spm], "--train"),
        "nothing to replace": (["--train", function_words, *out, *spm], "no triplet"),
        "destination under a file": ([*train, "--destdir", empty / "out", *spm], "empty.txt"),
        "broken dictionary": ([*train, *out, *folder("bad", {**model, "dict.txt": broken})], "bad"),
        "broken GPT-2": (
            [*train, *out, *folder("bpe", {"encoder.json": broken, "vocab.bpe": empty})],
            "encoder.json",
        ),
        "nothing to show": ([*train, *spm, "--show", -1], "--show"),
        "tiny blocks": ([*train, *out, *spm, "--tokens-per-sample", 4], "--tokens-per-sample"),
        "bad shard": ([*train, *out, *spm, "--shard", "3/2"], "--shard"),
        "unknown option value": ([*train, *out, *spm, "--tagger", "guess"], "--tagger"),
        "no workers": ([*train, *out, *spm, "--workers", 0], "--workers"),
        "no share": ([*train, *out, *spm, "--negations", 1.5], "--negations"),
        "two words to avoid": ([*train, *out, *spm, "--avoid", text], "line 1: more than one word"),
        "audit and data-bin": ([*train, *out, *spm, "--audit", 5], "--audit prints a table alone"),
    }


CASES = [
    "missing text", "empty corpus", "not UTF-8", "no text", "no destination",
    "destination exists", "no tokenizer", "wrong dictionary", "missing model", "half of GPT-2",
    "two tokenizers", "words",
    "tiny blocks", "bad shard", "unknown option value", "no workers", "standard input twice",
    "no text in this shard", "nothing to replace", "destination under a file",
    "broken dictionary", "broken GPT-2", "nothing to show",
    "no share", "two words to avoid", "audit and data-bin",
]  # fmt: skip


def test_all_bad_cases_are_run(bad):
    assert sorted(bad) == sorted(CASES)


@pytest.mark.parametrize("case", CASES)
def test_bad_input_ends_in_one_clear_line(bad, case, tmp_path, capsys):
    arguments, mention = bad[case]
    with pytest.raises(SystemExit) as stopped:
        make_triplets.main([str(a) for a in arguments])
    assert stopped.value.code != 0
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert "make_triplets: error: " in last and mention in last
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.partial").exists()


def test_no_traceback_on_a_terminal(run, tmp_path, sentencepiece_tokenizer):
    absent = tmp_path / "absent.txt"
    done = run("make_triplets", "--train", absent, "--show", 1, *sentencepiece_tokenizer.options)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("make_triplets: error: ")
    assert "Traceback" not in done.stderr


def test_one_word_of_each_line(run, text, sentencepiece_tokenizer):
    options = ["--sample-break-mode", "eos", "--survey-words", 2000, "--show", 2, "--one-word"]
    done = run("make_triplets", "--test", text, *options, *sentencepiece_tokenizer.options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" > ") == 4
    assert "100% of them true antonyms" in done.stdout
