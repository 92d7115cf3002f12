"""A small data-bin that a model can learn from, and the real binaries to run on it."""

import argparse
import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from dry_runs import dry_runner
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder

REPOSITORY = Path(__file__).resolve().parents[1]
CONTENT_WORDS = 12
FUNCTION_WORDS = 6


def synthetic_dictionary() -> tuple[Dictionary, list[bool]]:
    """Pieces of words: function words, content words and their two kinds of partner.

    Every second partner has two pieces, so that the three sequences differ in length.
    """
    pieces = [f"▁f{k}" for k in range(FUNCTION_WORDS)]
    for kind in ("c", "s", "a"):
        pieces += [f"▁{kind}{k}" for k in range(CONTENT_WORDS)]
    pieces.append("x")
    dictionary = Dictionary()
    for piece in pieces:
        dictionary.add_symbol(piece, n=1)
    return dictionary, [piece.startswith("▁") for piece in pieces]


def synthetic_triplet(rng: np.random.Generator, words: int) -> dict[str, list[list[str]]]:
    """Words (as lists of pieces) of the three sequences, and which words were replaced.

    A function word names the content word after it up to one of two: there is something for the
    masked language model to learn. The partners of a content word occur nowhere else.
    """
    result = {"ori": [], "syn": [], "ant": [], "syn_labels": [], "ant_labels": []}
    for position in range(words):
        if position % 2 == 0:
            key = int(rng.integers(FUNCTION_WORDS))
            word = [f"▁f{key}"]
        else:
            content = 2 * key + int(rng.integers(2))
            word = [f"▁c{content}"]
        result["ori"].append(word)
        for kind, share in (("syn", 0.8), ("ant", 0.4)):
            replaced = position % 2 == 1 and rng.random() < share
            partner = [f"▁{kind[0]}{content}"] if replaced else word
            if replaced and content % 2:
                partner = [*partner, "x"]
            result[kind].append(partner)
            result[f"{kind}_labels"].append(len(partner) * [int(replaced)])
    return result


def write_databin(
    folder: Path, splits: dict[str, int], seed: int = 1, shortest: int = 4, longest: int = 14
) -> Path:
    """Writes a finished data-bin of `splits` (name -> number of triplets)."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    dictionary, begins = synthetic_dictionary()
    dictionary.save(str(folder / "dict.txt"))
    (folder / "word_begin.txt").write_text("".join(f"{int(begin)}\n" for begin in begins))
    counts = {}
    for split, blocks in splits.items():
        parts = {
            name: MMapIndexedDatasetBuilder(
                str(folder / f"{split}.{name}.bin"),
                dtype=np.uint8 if name.endswith("labels") else np.uint16,
            )
            for name in ("ori", "syn", "ant", "syn_labels", "ant_labels")
        }
        words = tokens = 0
        for _ in range(blocks):
            triplet = synthetic_triplet(rng, int(rng.integers(shortest, longest + 1)))
            words += len(triplet["ori"])
            for name, builder in parts.items():
                flat = [item for word in triplet[name] for item in word]
                if name.endswith("labels"):
                    item = [*flat, 0]
                else:
                    item = [*(dictionary.index(piece) for piece in flat), dictionary.eos()]
                tokens = max(tokens, len(item) + 1)
                builder.add_item(torch.tensor(item))
        for name, builder in parts.items():
            builder.finalize(str(folder / f"{split}.{name}.idx"))
        counts[split] = {"blocks": blocks, "words": words}
    write_manifest(folder, counts, tokens_per_sample=tokens if splits else 0)
    return folder


def write_manifest(folder: Path, splits: dict[str, dict], tokens_per_sample: int) -> None:
    """Describes the files that are in `folder` now, as the preparation does at its end."""
    files = {
        path.name: {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    }
    manifest = {
        "format": "cline-triplets",
        "version": 1,
        "seed": 1,
        "tokens_per_sample": tokens_per_sample,
        "tagger": "none",
        "tokenizer": {"type": "sentencepiece", "sha256": ""},
        "shard": "0/1",
        "splits": splits,
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, sort_keys=True))


@pytest.fixture
def make_databin(tmp_path):
    """The function that writes a synthetic data-bin: `make_databin("name", {"train": 8})`."""
    return lambda name, splits, **settings: write_databin(tmp_path / name, splits, **settings)


@pytest.fixture(scope="session")
def resign():
    """Makes the manifest of a changed data-bin fit its files again."""

    def sign(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        write_manifest(folder, manifest["splits"], manifest["tokens_per_sample"])

    return sign


@pytest.fixture(scope="session")
def databin(tmp_path_factory) -> Path:
    """A data-bin of 96 training and 24 validation triplets; tests must not change it."""
    return write_databin(
        tmp_path_factory.mktemp("databin") / "synthetic", {"train": 96, "valid": 24}
    )


@pytest.fixture
def pretraining_task(databin):
    """The task on the shared data-bin, its training split loaded."""
    from fairseq_cline.tasks.cline_pretrain import ClinePretrainConfig, ClinePretrainTask

    config = ClinePretrainConfig(data=str(databin), tokens_per_sample=32, seed=1)
    task = ClinePretrainTask(config)
    task.load_dataset("train")
    return task


@pytest.fixture
def make_model(pretraining_task):
    """The function that builds a tiny model: `make_model(dropout=0.0)`."""
    from fairseq_cline.models.cline_roberta import ClineRobertaModel, cline_roberta_tiny

    def make(**settings):
        args = argparse.Namespace(**settings)
        cline_roberta_tiny(args)
        torch.manual_seed(1)
        return ClineRobertaModel.build_model(args, pretraining_task)

    return make


@pytest.fixture
def batch(pretraining_task):
    """A batch of 8 triplets of different lengths."""
    dataset = pretraining_task.dataset("train")
    return dataset.collater([dataset[index] for index in range(8)])


@pytest.fixture
def make_dcl_task(databin):
    """The function that makes the task of DCL on the shared data-bin, its training split loaded."""
    from fairseq_cline.tasks.dcl_pretrain import DclPretrainConfig, DclPretrainTask

    def make(**settings):
        defaults = {"tokens_per_sample": 32, "seed": 1, "criterion_name": "dcl", "max_update": 10}
        config = DclPretrainConfig(data=str(databin), **{**defaults, **settings})
        task = DclPretrainTask(config)
        task.load_dataset("train")
        return task

    return make


@pytest.fixture
def make_dcl_model(make_dcl_task):
    """The function that builds a tiny model: `make_dcl_model({"dropout": 0.0}, momentum=0.9)`."""
    from fairseq_cline.models.dcl_roberta import dcl_roberta_tiny

    def make(model=None, **task):
        args = argparse.Namespace(arch="dcl_roberta_tiny", **(model or {}))
        dcl_roberta_tiny(args)
        torch.manual_seed(1)
        return make_dcl_task(**task).build_model(args)

    return make


@pytest.fixture
def pair_batch(make_dcl_task):
    """A batch of 8 pairs of different lengths."""
    dataset = make_dcl_task().dataset("train")
    return dataset.collater([dataset[index] for index in range(8)])


@pytest.fixture(scope="session")
def classification_databin(databin, tmp_path_factory) -> Path:
    """Texts of the dictionary's words: class 1 has synonym words, class 0 has antonym words."""
    folder = tmp_path_factory.mktemp("databin") / "classification"
    dictionary = Dictionary.load(str(databin / "dict.txt"))
    labels = Dictionary()
    labels.add_symbol("0")
    labels.add_symbol("1")
    for part, symbols in (("input0", dictionary), ("label", labels)):
        (folder / part).mkdir(parents=True)
        symbols.save(str(folder / part / "dict.txt"))
        for split, size in (("train", 32), ("valid", 16)):
            builder = MMapIndexedDatasetBuilder(str(folder / part / f"{split}.bin"), dtype=np.int32)
            for item in range(size):
                text = f"▁f{item % 6} ▁{'as'[item % 2]}{item % 12} ▁c{item % 5}"
                line = text if part == "input0" else str(item % 2)
                builder.add_item(symbols.encode_line(line, add_if_not_exist=False))
            builder.finalize(str(folder / part / f"{split}.idx"))
    return folder


@pytest.fixture(scope="session")
def train_on_two_workers():
    """Runs fairseq-train in two processes of one machine; returns what the first one wrote.

    In the arguments {rank} stands for 0 and 1. `program` is what Python runs.
    """

    def train(*arguments, program=("-m", "fairseq_cli.train")) -> subprocess.CompletedProcess:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        processes = [
            subprocess.Popen(
                [sys.executable, *program]
                + [str(argument).replace("{rank}", str(rank)) for argument in arguments]
                + ["--user-dir", "fairseq_cline", "--distributed-rank", str(rank)]
                + ["--ddp-backend", "legacy_ddp", "--distributed-backend", "gloo"]
                + ["--distributed-world-size", "2", "--distributed-no-spawn"]
                + ["--distributed-init-method", f"tcp://127.0.0.1:{port}"],
                cwd=REPOSITORY,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
            )
            for rank in (0, 1)
        ]
        outputs = [process.communicate(timeout=200)[0] for process in processes]
        assert processes[1].returncode == 0, outputs[1]
        return subprocess.CompletedProcess("", processes[0].returncode, outputs[0], "")

    return train


@pytest.fixture
def dry_run(tmp_path):
    """Runs a recipe with DRY_RUN=1: `parse(dry_run(RECIPE, "--fp16", SEEDS="1"))`."""
    return dry_runner(tmp_path)


@pytest.fixture(scope="session")
def run_fairseq():
    """Runs a fairseq command line tool with the plug-in in a process of its own."""

    def run(tool: str, *arguments, plugin: bool = True) -> subprocess.CompletedProcess:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
        command = [sys.executable, "-m", f"fairseq_cli.{tool}", *map(str, arguments)]
        if plugin:
            command += ["--user-dir", str(REPOSITORY / "fairseq_cline")]
        return subprocess.run(
            command,
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


# Pairs of opposites: an adjective names the noun after it, and its antonym another.
ADJECTIVES = ("old young", "big small", "hot cold", "good bad", "rich poor", "fast slow")
NOUNS = [
    "tree",
    "lake",
    "city",
    "stone",
    "river",
    "house",
    "table",
    "school",
    "paper",
    "music",
    "field",
    "story",
]
VERBS = ["falls", "grows", "burns", "moves", "waits", "sleeps"]


def write_language_databin(folder: Path, splits: dict[str, int], seed: int = 1) -> Path:
    """Writes a data-bin of `splits` (name -> number of sentences), and antonyms.txt.

    A sentence is "a ADJECTIVE NOUN VERB 7 ." or the like: three of its seven tokens are words.
    """
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    pairs = [pair.split() for pair in ADJECTIVES]
    adjectives = [word for pair in pairs for word in pair]
    dictionary = Dictionary()
    for word in [*adjectives, *NOUNS, *VERBS, "a", "7", "."]:
        dictionary.add_symbol(word, n=1)
    dictionary.save(str(folder / "dict.txt"))
    for split, sentences in splits.items():
        builder = MMapIndexedDatasetBuilder(str(folder / f"{split}.bin"), dtype=np.uint16)
        for _ in range(sentences):
            number = int(rng.integers(len(adjectives)))
            verb = VERBS[int(rng.integers(2)) + number % 5]
            words = ["a", adjectives[number], NOUNS[number], verb]
            words += ["7", "."] if rng.random() < 0.5 else ["."]
            builder.add_item(dictionary.encode_line(" ".join(words), add_if_not_exist=False))
        builder.finalize(str(folder / f"{split}.idx"))
    write_antonyms(folder, {word: [other] for a, b in pairs for word, other in ((a, b), (b, a))})
    return folder


def write_antonyms(folder: Path, antonyms: dict[str, list[str]]) -> None:
    """Writes antonyms.txt as the preparation does, for the dict.txt in `folder`."""
    dictionary = Dictionary.load(str(folder / "dict.txt"))
    digest = hashlib.sha256((folder / "dict.txt").read_bytes()).hexdigest()
    lines = [f"# dict.txt sha256 {digest}"]
    for word, others in antonyms.items():
        indices = [str(dictionary.index(other)) for other in others]
        lines.append(f"{dictionary.index(word)}\t{' '.join(indices)}")
    (folder / "antonyms.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture
def make_language_databin(tmp_path):
    """The function that writes a data-bin of text: `make_language_databin("name", {"train": 8})`.

    Its last argument is the seed.
    """
    return lambda name, splits, **settings: write_language_databin(
        tmp_path / name, splits, **settings
    )


@pytest.fixture(scope="session")
def language_databin(tmp_path_factory) -> Path:
    """A data-bin of 120 training, 24 validation and 24 test sentences; not to be changed."""
    return write_language_databin(
        tmp_path_factory.mktemp("databin") / "language", {"train": 120, "valid": 24, "test": 24}
    )


LANGUAGES = ("xx", "yy")


def write_translation_databin(folder: Path, splits: dict[str, list[tuple[str, str]]]) -> Path:
    """Writes a data-bin xx-yy of `splits` (name -> pairs of texts in symbols)."""
    folder.mkdir(parents=True)
    for side, language in enumerate(LANGUAGES):
        texts = {split: [pair[side] for pair in pairs] for split, pairs in splits.items()}
        dictionary = Dictionary()
        for symbol in sorted(
            {symbol for lines in texts.values() for symbol in " ".join(lines).split()}
        ):
            dictionary.add_symbol(symbol)
        dictionary.save(str(folder / f"dict.{language}.txt"))
        for split, lines in texts.items():
            path = folder / f"{split}.{'-'.join(LANGUAGES)}.{language}"
            builder = MMapIndexedDatasetBuilder(f"{path}.bin", dtype=np.uint16)
            for line in lines:
                builder.add_item(dictionary.encode_line(line, add_if_not_exist=False))
            builder.finalize(f"{path}.idx")
    return folder


@pytest.fixture(scope="session", name="write_translation_databin")
def give_write_translation_databin():
    """The function above."""
    return write_translation_databin


@pytest.fixture
def make_translation_databin(tmp_path):
    """The function that writes a data-bin of pairs: `make_translation_databin("name", splits)`."""
    return lambda name, splits: write_translation_databin(tmp_path / name, splits)
