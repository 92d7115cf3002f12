"""The command that turns lines into vectors, and the folders that trainings leave for it."""

import inspect
import io
import sys

import numpy as np
import pytest
from binaries import REPOSITORY
from toy_encoders import text_pairs, write_encoder  # noqa: F401

from data_prep.errors import InputError
from data_prep.tokenizers.text_encoders import load_text_encoder
from fairseq_cline import encode

LINES = ["the cat sat", "a dog ran here", "the cat  ran"]


@pytest.fixture(scope="module")
def folder(text_pairs, tmp_path_factory):  # noqa: F811
    """A folder with a model.pt and its tokenizer."""
    folder = tmp_path_factory.mktemp("model")
    load_text_encoder(text_pairs / "data-bin").save(folder)
    write_encoder(folder / "model.pt", text_pairs / "data-bin", "cline")
    return folder


def run(*arguments) -> None:
    inspect.unwrap(encode.main)([*map(str, arguments), "--cpu"])


def test_a_row_a_line(folder, monkeypatch, capsysbinary, tmp_path):
    text = io.BytesIO("\n".join(LINES).encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(text))
    run(folder)
    out, errors = capsysbinary.readouterr()
    vectors = np.load(io.BytesIO(out))
    expected = encode.Encoder(folder).encode(LINES, progress=False)
    assert vectors.dtype == np.float32 and np.array_equal(vectors, expected)
    assert b"texts/s" in errors

    (tmp_path / "text.txt").write_text("\n".join(LINES) + "\n")
    output = tmp_path / "vectors.npy"
    run(
        folder / "model.pt", "--input", tmp_path / "text.txt", "--output", output,
        "--feature", "mean", "--normalize",
    )  # fmt: skip
    expected = encode.Encoder(folder, feature="mean").encode(LINES, normalize=True, progress=False)
    assert np.array_equal(np.load(output), expected)
    assert capsysbinary.readouterr().out == b""


def test_a_terminal_gets_no_vectors(folder, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(InputError, match="vectors are no text for a terminal; write > vectors.npy"):
        run(folder, "--input", "unread")


def test_nothing_is_half_written(folder, tmp_path):
    (tmp_path / "text.txt").write_text("a\n\nb\n")
    for text, output, message in (
        ("text.txt", "vectors.npy", "text.txt, line 2: empty; take it out"),
        ("absent", "vectors.npy", "absent: cannot be read"),
        ("text.txt", "text.txt", "--output .*text.txt: is read by this command"),
        ("text.txt", folder / "model.pt", "--output .*model.pt: is read by this command"),
    ):
        with pytest.raises(InputError, match=message):
            run(folder, "--input", tmp_path / text, "--output", tmp_path / output)
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


ENCODER = ["--encoder-layers", 1, "--encoder-embed-dim", 16, "--encoder-ffn-embed-dim", 16]
ENCODER += ["--encoder-attention-heads", 2, "--max-positions", 64]
TRAININGS = {
    "cline_pretrain": ["--criterion", "cline", "--arch", "cline_roberta_tiny"],
    "dcl_pretrain": ["--criterion", "dcl", "--arch", "dcl_roberta_tiny", "--projection-dim", 8],
    "sentence_prediction": ["--criterion", "sentence_prediction", "--arch", "roberta"],
    "clld_classification": ["--criterion", "clld", "--arch", "cline_roberta_tiny"]
    + ["--label-distance", "none"],
}
SENTENCES = [
    "the small house was very good but cold .",
    "old men never buy a new red car .",
    "the film was not bad and the end was happy .",
    "she sells big books to a rich man .",
]


@pytest.fixture(scope="module")
def databins(binaries, tmp_path_factory):
    """A data-bin of triplets and one of classes, with their tokenizer."""
    folder = tmp_path_factory.mktemp("databins")
    (folder / "text.txt").write_text("\n".join(SENTENCES * 4) + "\n")
    examples = [f"{'ab'[k % 2]}\t{line}\n" for k, line in enumerate(SENTENCES * 4)]
    (folder / "examples.tsv").write_text("".join(examples))
    splits = [word for split in ("--train", "--valid") for word in (split, "text.txt")]
    examples = [word.replace("text.txt", "examples.tsv") for word in splits]
    for command, *words in (
        ("train_sentencepiece", "text.txt", "--destdir", "spm", "--vocab-size", 300),
        ("make_triplets", *splits, "--tokenizer", "spm", "--destdir", "triplets"),
        ("text_classification", *examples, "--tokenizer", "spm", "--destdir", "classes"),
    ):
        done = binaries.run("-m", f"data_prep.{command}", *words, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("task", TRAININGS)
def test_the_folder_of_a_training_is_all_that_is_needed(
    databins, task, run_fairseq, binaries, tmp_path
):
    pretrains = task.endswith("pretrain")
    data = databins / ("triplets" if pretrains else "classes")
    options = ["--tokens-per-sample", 64] if pretrains else ["--init-token", 0, "--num-classes", 2]
    if task == "clld_classification":
        options = options[:2]
    done = run_fairseq(
        "train", data, "--task", task, *TRAININGS[task], *ENCODER, *options, "--save-dir", tmp_path,
        "--optimizer", "adam", "--lr", 0.001, "--max-update", 1, "--batch-size", 4, "--cpu",
        "--num-workers", 0, "--no-epoch-checkpoints", "--disable-validation",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    names = ["dict.txt", "spm.model"] + ([] if pretrains else ["label/dict.txt"])
    for name in names:
        assert (tmp_path / name).read_bytes() == (data / name).read_bytes()
    checkpoint = tmp_path / "checkpoint_last.pt"
    done = binaries.run(
        *("-m", "fairseq_cline.encode", checkpoint, "--cpu", "--output", tmp_path / "v.npy"),
        input="\n".join(SENTENCES),
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr
    vectors = np.load(tmp_path / "v.npy")
    assert vectors.shape == (4, 16)
    expected = encode.Encoder(checkpoint, tokenizer=data).encode(SENTENCES, progress=False)
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    if not pretrains:
        done = binaries.run(
            *("-m", "fairseq_cline.classify_text", checkpoint, "--cpu"),
            input="\n".join(SENTENCES),
            cwd=REPOSITORY,
        )
        assert done.returncode == 0, done.stderr
        rows = [line.split("\t") for line in done.stdout.splitlines()]
        assert len(rows) == 4 and {name for name, _ in rows} <= {"a", "b"}
        assert all(0.5 <= float(probability) <= 1 for _, probability in rows)
