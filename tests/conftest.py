"""Small data-bins that a model can learn from, tiny models, and the real binaries to run on them."""

import argparse
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiers
import torch
from binaries import REPOSITORY, Binaries
from dry_runs import dry_runner
from toy_classification import write_classification_databin
from toy_text import write_language_databin, write_translation_databin
from toy_triplets import write_databin, write_triplet_manifest

PLUGIN = REPOSITORY / "fairseq_cline"

tiers.install()

# A shell that starts the tests in the background has the first ignored, and "nohup" the second, in
# all processes that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    tiers.mark(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    if item.get_closest_marker(tiers.MARK):
        return (yield)
    with tiers.no_starts_by(item.nodeid):
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def own_record(tmp_path_factory):
    """Keeps the record of verified files from the user's; the caches of others stay in place."""
    folder = tmp_path_factory.mktemp("cache")
    for path in Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").glob("*"):
        if path.name != "fairseq_cline":
            (folder / path.name).symlink_to(path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(folder))
        yield


@pytest.fixture
def make_databin(tmp_path):
    """The function that writes a synthetic data-bin: `make_databin("name", {"train": 8})`."""
    return lambda name, splits, **settings: write_databin(tmp_path / name, splits, **settings)


@pytest.fixture(scope="session")
def resign():
    """Makes the manifest of a changed data-bin fit its files again."""

    def sign(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        write_triplet_manifest(folder, manifest["splits"], manifest["tokens_per_sample"])

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
    """A data-bin of 32 training and 16 validation texts of two classes."""
    folder = tmp_path_factory.mktemp("databin") / "classification"
    return write_classification_databin(folder, databin / "dict.txt", {"train": 32, "valid": 16})


@pytest.fixture(scope="session")
def toy_databins(
    language_databin, databin, classification_databin, tmp_path_factory
) -> dict[str, Path]:
    """A data-bin of each kind: language, translation, triplets, classes."""
    pairs = [("cold lake", "the cold lake waits"), ("old tree falls and waits", "stone falls")]
    folder = tmp_path_factory.mktemp("pairs") / "databin"
    return {
        "language": language_databin,
        "translation": write_translation_databin(folder, {"train": 20 * pairs, "valid": pairs}),
        "triplets": databin,
        "classes": classification_databin,
    }


@pytest.fixture(scope="session")
def binaries() -> Iterator[Binaries]:
    """Starts Python programs in processes of their own, at once."""
    with Binaries() as started:
        yield started


@pytest.fixture(scope="session")
def run_fairseq(binaries, tmp_path_factory):
    """Runs a fairseq command line tool with the plug-in in a process of its own."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def run(tool: str, *arguments, plugin: bool = True) -> subprocess.CompletedProcess:
        words = ["--user-dir", PLUGIN] if plugin else []
        return binaries.run("-m", f"fairseq_cli.{tool}", *arguments, *words, cwd=elsewhere)

    return run


@pytest.fixture(scope="session")
def train_on_two_workers(binaries, tmp_path_factory):
    """Runs fairseq-train in two processes of one machine; returns what the first one wrote.

    In the arguments {rank} stands for 0 and 1. `program` is what Python runs; both must end with
    `status`.
    """
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def train(
        *arguments, program=("-m", "fairseq_cli.train"), status=0
    ) -> subprocess.CompletedProcess:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        processes = [
            binaries.start(
                *program,
                *(str(argument).replace("{rank}", str(rank)) for argument in arguments),
                *("--user-dir", PLUGIN, "--distributed-rank", rank),
                *("--ddp-backend", "legacy_ddp", "--distributed-backend", "gloo"),
                *("--distributed-world-size", 2, "--distributed-no-spawn"),
                *("--distributed-init-method", f"tcp://127.0.0.1:{port}"),
                cwd=elsewhere,
            )
            for rank in (0, 1)
        ]
        first, second = (process.finish(timeout=200) for process in processes)
        assert second.returncode == status, second.stdout + second.stderr
        return first

    return train


@pytest.fixture
def dry_run(tmp_path):
    """Runs a recipe with DRY_RUN=1: `parse(dry_run(RECIPE, "--fp16", SEEDS="1"))`."""
    return dry_runner(tmp_path)


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


@pytest.fixture(scope="session", name="write_translation_databin")
def give_write_translation_databin():
    """The function that writes a data-bin of pairs to a folder."""
    return write_translation_databin


@pytest.fixture
def make_translation_databin(tmp_path):
    """The function that writes a data-bin of pairs: `make_translation_databin("name", splits)`."""
    return lambda name, splits: write_translation_databin(tmp_path / name, splits)
