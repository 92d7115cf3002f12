"""TensorBoard and others: refused where their package is missing, and given every figure by its name."""

import json
from argparse import Namespace
from importlib.util import find_spec

import pytest
from binaries import REPOSITORY
from fairseq.logging import progress_bar
from test_cline_pretraining import CLINE, FIGURES, TRAIN
from training_logs import assert_one_line_error, logged

from data_prep.errors import InputError
from fairseq_cline.compat.log_services import SERVICES, check_services

# fairseq-train with a package for TensorBoard that writes down what it is given.
TRAINING = """
import json
from pathlib import Path
from fairseq.logging import progress_bar
from fairseq_cli.train import cli_main

class SummaryWriter:
    def __init__(self, folder):
        self.file = Path(folder.replace("/", "_") + ".jsonl").open("w")
    def add_text(self, name, text):
        pass
    def add_scalar(self, name, value, step):
        print(json.dumps([name, value, step]), file=self.file)
    def flush(self):
        self.file.flush()
    close = flush

progress_bar.SummaryWriter = {writer}
cli_main()
"""


@pytest.mark.parametrize("name", SERVICES)
def test_a_missing_package_is_named_with_the_command_that_installs_it(name, monkeypatch):
    found, package = SERVICES[name]
    check_services(Namespace(**{name: None}))
    monkeypatch.setattr(progress_bar, found, None)
    check_services(Namespace(**{name: None}))
    message = f"^--{name.replace('_', '-')} needs {package}, .*; run: .* -m pip install .*{package}"
    with pytest.raises(InputError, match=message):
        check_services(Namespace(**{name: "here"}))
    monkeypatch.setattr(progress_bar, found, object())
    check_services(Namespace(**{name: "here"}))


@pytest.fixture(scope="module")
def train(binaries, databin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("train")

    def run(writer: str):
        program = TRAINING.replace("{writer}", writer)
        return folder, binaries.run(
            "-c", program, databin, *CLINE, *TRAIN, "--max-update", 2, "--user-dir",
            REPOSITORY / "fairseq_cline", "--tensorboard-logdir", "logs", cwd=folder,
        )  # fmt: skip

    return run


def test_a_training_without_the_package_does_not_begin(train):
    folder, done = train("None")
    assert_one_line_error(done, "--tensorboard-logdir needs tensorboardX, which is not installed")
    assert [*folder.iterdir()] == []


def test_every_figure_arrives_by_its_name(train):
    folder, done = train("SummaryWriter")
    for kind in ("train_inner", "train", "valid"):
        given = [json.loads(line) for line in (folder / f"logs_{kind}.jsonl").open()]
        expected = {name.removeprefix(f"{kind}_") for name in logged(done, kind)[0]}
        names = {name for name, _, _ in given}
        assert expected - {"epoch", "update", "num_updates"} == names >= FIGURES
    last = {name: value for name, value, step in given if step == 2}
    assert last["loss"] == pytest.approx(float(logged(done, "valid")[-1]["valid_loss"]), abs=1e-3)


@pytest.mark.skipif(find_spec("tensorboardX") is None, reason="tensorboardX is not installed")
def test_tensorboard_itself(run_fairseq, databin, tmp_path):
    run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-update", 2, "--save-dir", tmp_path / "model",
        "--tensorboard-logdir", tmp_path / "logs",
    )  # fmt: skip
    for kind in ("train_inner", "train", "valid"):
        (events,) = (tmp_path / "logs" / kind).iterdir()
        content = events.read_bytes()
        assert all(name.encode() in content for name in FIGURES)
