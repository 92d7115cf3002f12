"""The stock binaries with the plug-in: save, resume, refuse, generate. Toy models, real processes.

The plug-in's own tasks have such tests of their own; these use fairseq's tasks.
"""

import os
import re
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from fairseq import checkpoint_utils
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder
from training_logs import assert_equal_weights, assert_one_line_error, logged, weights

PLUGIN = Path(__file__).resolve().parents[1] / "fairseq_cline"
TINY = [
    f"--{side}-{size}"
    for side in ("encoder", "decoder")
    for size in ("layers=1", "embed-dim=16", "ffn-embed-dim=16", "attention-heads=2")
]
TINY_ENCODER = [flag for flag in TINY if "encoder" in flag]
TRAINING = [
    *("--cpu", "--optimizer=adam", "--lr=0.01", "--seed=1", "--max-tokens=128", "--num-workers=0"),
    *("--log-format=json", "--log-interval=1"),
]
MASKED_LM = [
    *("--task=masked_lm", "--criterion=masked_lm", "--arch=roberta_base", *TINY_ENCODER),
    *("--tokens-per-sample=16", "--max-positions=16", *TRAINING),
]


def write_dataset(prefix, dictionary, sentences):
    builder = MMapIndexedDatasetBuilder(f"{prefix}.bin", dtype=np.uint16)
    for sentence in sentences:
        builder.add_item(torch.tensor([*(dictionary.index(word) for word in sentence), 2]))
    builder.finalize(f"{prefix}.idx")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Random sentences as a data-bin for one language, and for two (b is a reversed)."""
    folder = tmp_path_factory.mktemp("corpus")
    words = [f"w{k}" for k in range(20)]
    dictionary = Dictionary()
    for word in words:
        dictionary.add_symbol(word)
    for name in ("dict.txt", "dict.a.txt", "dict.b.txt"):
        dictionary.save(str(folder / name))
    rng = np.random.default_rng(1)
    for split, size in (("train", 120), ("valid", 12), ("test", 6)):
        sentences = [list(rng.choice(words, rng.integers(3, 9))) for _ in range(size)]
        write_dataset(folder / split, dictionary, sentences)
        write_dataset(folder / f"{split}.a-b.a", dictionary, sentences)
        write_dataset(folder / f"{split}.a-b.b", dictionary, [s[::-1] for s in sentences])
        (folder / f"{split}.txt").write_text("".join(" ".join(s) + "\n" for s in sentences))
    return folder


@pytest.fixture(scope="module")
def trained(corpus, run_fairseq):
    """A masked_lm run of four updates, saved after two and after four: its folder and itself."""
    folder = corpus / "masked_lm"
    updates = ["--max-update=4", "--save-interval-updates=2"]
    return folder, run_fairseq("train", corpus, "--save-dir", folder, *MASKED_LM, *updates)


def losses(run):
    """The training loss after each update."""
    return {int(line["num_updates"]): line["loss"] for line in logged(run)}


def test_resume_repeats_the_uninterrupted_run(trained, corpus, run_fairseq, tmp_path):
    folder, whole = trained
    expected = losses(whole)
    assert sorted(expected) == [1, 2, 3, 4]
    shutil.copy(folder / "checkpoint_1_2.pt", tmp_path / "checkpoint_last.pt")
    resumed = run_fairseq("train", corpus, "--save-dir", tmp_path, *MASKED_LM, "--max-update=4")
    assert losses(resumed) == {update: expected[update] for update in (3, 4)}
    # Not only the logged digits: every weight is the same.
    assert_equal_weights(weights(tmp_path), weights(folder))


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("tool", ["train", "validate", "generate"])
def test_a_hostile_checkpoint_is_refused(trained, corpus, run_fairseq, tmp_path, tool):
    marker, path = tmp_path / "marker", tmp_path / "hostile.pt"
    state = torch.load(trained[0] / "checkpoint_last.pt")
    torch.save({**state, "extra_state": Hostile(marker)}, path)
    run = run_fairseq(
        tool,
        corpus,
        *{
            "train": [*MASKED_LM, "--save-dir", tmp_path / "new", "--restore-file", path],
            "validate": ["--cpu", "--task=masked_lm", "--max-tokens=128", "--path", path],
            "generate": ["--cpu", "--path", path],
        }[tool],
    )
    assert_one_line_error(run, path, f"{os.name}.mkdir")
    assert not marker.exists()


def test_a_flipped_bit_in_a_tensor(trained, corpus, run_fairseq, tmp_path):
    path = tmp_path / "checkpoint_last.pt"
    content = bytearray((trained[0] / "checkpoint_last.pt").read_bytes())
    embedding = (
        weights(trained[0])["encoder.sentence_encoder.embed_tokens.weight"].numpy().tobytes()
    )
    content[content.index(embedding) + 100] ^= 4
    path.write_bytes(content)
    run = run_fairseq("train", corpus, *MASKED_LM, "--save-dir", tmp_path, "--max-update=6")
    assert_one_line_error(run, path, "Copy it again")
    assert path.read_bytes() == content  # nor was it replaced by a fresh start


def test_a_missing_restore_file(corpus, run_fairseq, tmp_path):
    missing = tmp_path / "missing.pt"
    run = run_fairseq(
        *("train", corpus, *MASKED_LM, "--save-dir", tmp_path / "new", "--restore-file", missing)
    )
    assert_one_line_error(run, "--restore-file", missing)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_missing_path(corpus, run_fairseq, tmp_path):
    run = run_fairseq("eval_lm", corpus, "--cpu", "--path", tmp_path / "missing.pt")
    assert_one_line_error(run, tmp_path / "missing.pt")


KILLED_IN_THE_COPY = """
import os, shutil, signal
from fairseq_cli.train import cli_main

def half_a_copy(source, target):
    content = open(source, "rb").read()
    if "checkpoint_1_4" in source and "checkpoint_last" in target:
        with open(target, "wb") as file:
            file.write(content[: len(content) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    open(target, "wb").write(content)
    return target

shutil.copyfile = half_a_copy
cli_main()
"""


def test_a_kill_in_the_copy_leaves_the_older_checkpoint(corpus, binaries, tmp_path):
    run = binaries.run(
        *("-c", KILLED_IN_THE_COPY, corpus, *MASKED_LM, "--user-dir", PLUGIN),
        *("--save-dir", tmp_path, "--max-update=4", "--save-interval-updates=2"),
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    state = checkpoint_utils.load_checkpoint_to_cpu(str(tmp_path / "checkpoint_last.pt"))
    assert state["optimizer_history"][-1]["num_updates"] == 2


def test_two_workers_resume(trained, corpus, train_on_two_workers, tmp_path):
    """Rank 0 sends what it read to rank 1, which has an unpickler of its own."""
    shutil.copy(trained[0] / "checkpoint_1_2.pt", tmp_path / "checkpoint_last.pt")
    run = train_on_two_workers(corpus, *MASKED_LM, "--save-dir", tmp_path, "--max-update=3")
    assert sorted(losses(run)) == [3]


@pytest.fixture(scope="module")
def translation(corpus, run_fairseq):
    run = run_fairseq(
        *("train", corpus, "--task=translation", "--arch=transformer", *TINY, *TRAINING),
        *("--max-update=2", "--save-dir", corpus / "translation", "--eval-bleu"),
        '--eval-bleu-args={"beam": 1, "max_len_a": 0, "max_len_b": 5}',
    )
    assert run.returncode == 0, run.stderr
    return corpus / "translation" / "checkpoint_last.pt"


def test_generate(translation, corpus, run_fairseq):
    """Reads a checkpoint that holds NumPy arrays: the n-gram counts of --eval-bleu."""
    held = torch.load(translation)["extra_state"]["metrics"]
    assert "numpy" in repr(type(held)) or "array" in repr(held)
    run = run_fairseq(
        *("generate", corpus, "--cpu", "--path", translation, "--beam=2", "--max-len-b=8"),
    )
    assert run.returncode == 0, run.stderr
    hypotheses = re.findall(r"^H-(\d+)\t", run.stdout, re.MULTILINE)
    assert sorted(map(int, hypotheses)) == list(range(6))


def test_interactive(translation, corpus, run_fairseq):
    run = run_fairseq(
        *("interactive", corpus, "--cpu", "--path", translation, "--beam=2", "--max-len-b=8"),
        *("--input", corpus / "test.txt"),
    )
    assert run.returncode == 0, run.stderr
    assert len(re.findall(r"^H-\d+\t", run.stdout, re.MULTILINE)) == 6
