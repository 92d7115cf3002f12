"""Opinions on films, data-bins of them, and classifiers that have learned to tell them apart."""

from pathlib import Path

import numpy as np
import pytest
import torch
from fairseq import options, tasks
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from toy_checkpoints import save_checkpoint

from data_prep.classification.examples import read_labeled_text
from data_prep.classification.labeled_databin import Options, build_databin
from data_prep.tokenizers.sentencepiece_training import train

OPINIONS = {"bad": ["dull", "awful", "grey", "weak"], "good": ["fine", "lovely", "bright", "warm"]}
THINGS = ["film", "story", "music", "ending"]


def write_opinions(path: Path, examples: int, seed: int) -> Path:
    """Texts of two classes, like "the story was lovely , the ending bright"."""
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(examples):
        label = str(rng.choice([*OPINIONS]))
        words = [str(word) for word in rng.choice(OPINIONS[label], size=2)]
        things = [str(thing) for thing in rng.choice(THINGS, size=2)]
        lines.append(f"{label}\tthe {things[0]} was {words[0]} , the {things[1]} {words[1]}\n")
    path.write_text("".join(lines))
    return path


@pytest.fixture(scope="session")
def opinions(tmp_path_factory) -> Path:
    """A data-bin of data_prep.text_classification; train.tsv and the tokenizer are beside it."""
    folder = tmp_path_factory.mktemp("opinions")
    sizes = {"train": 160, "valid": 40, "test": 41}
    texts = {
        split: write_opinions(folder / f"{split}.tsv", size, seed)
        for seed, (split, size) in enumerate(sizes.items())
    }
    train([str(texts["train"])], folder / "spm", vocabulary=290, sample=1000, seed=1)
    texts = {split: read_labeled_text(path) for split, path in texts.items()}
    build_databin(texts, folder / "bin", Options(folder / "spm"))
    return folder / "bin"


@pytest.fixture(scope="session")
def pair_databin(opinions, tmp_path_factory) -> Path:
    """A data-bin of pairs; one is longer than the 40 tokens that the model reads."""
    rows = ["yes\tthe film was fine\tthe music was lovely", "no\tdull\tthe story"]
    rows += ["maybe\t" + "the ending was awful " * 6 + "\tthe film was warm"]
    return write_like(opinions, tmp_path_factory.mktemp("pairs"), rows)


@pytest.fixture(scope="session")
def number_databin(opinions, tmp_path_factory) -> Path:
    """A data-bin of a regression."""
    words = ("fine", "dull", "warm")
    rows = [f"{number / 10}\tthe film was {word}" for number, word in enumerate(words)]
    return write_like(opinions, tmp_path_factory.mktemp("numbers"), rows, regression=True)


def write_like(opinions: Path, folder: Path, rows: list[str], regression: bool = False) -> Path:
    """A data-bin with the tokenizer of another; its splits are the same rows."""
    (folder / "train.tsv").write_text("\n".join(rows) + "\n")
    texts = {split: folder / "train.tsv" for split in ("train", "valid", "test")}
    texts = {split: read_labeled_text(path) for split, path in texts.items()}
    build_databin(texts, folder / "bin", Options(opinions, regression=regression))
    return folder / "bin"


CLASSIFIER = ["--task", "sentence_prediction", "--criterion", "sentence_prediction"]
CLASSIFIER += ["--init-token", "0", "--separator-token", "2", "--shorten-method", "truncate"]
CLASSIFIER += ["--arch", "roberta", "--max-positions", "40", "--encoder-layers", "1"]
CLASSIFIER += ["--encoder-embed-dim", "16", "--encoder-ffn-embed-dim", "32"]
CLASSIFIER += ["--encoder-attention-heads", "2", "--dropout", "0", "--attention-dropout", "0"]


def write_classifier(path: Path, databin: Path, *options_: str, updates: int = 0) -> Path:
    """A classifier, untrained unless told otherwise, saved as the trainer saves it."""
    parser = options.get_training_parser()
    words = [str(databin), *CLASSIFIER, *options_]
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, words))
    torch.manual_seed(1)
    task = tasks.setup_task(cfg.task)
    model = task.build_model(cfg.model)
    criterion = task.build_criterion(cfg.criterion)
    if updates:
        task.load_dataset("train")
        train_classifier(model, task.dataset("train"), criterion, updates)
    return save_checkpoint(path, cfg, model, criterion)


def train_classifier(model, dataset, criterion, updates: int) -> None:
    """Updates with batches of 16 examples, epoch by epoch in their order."""
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    order = [index for _ in range(updates) for index in range(len(dataset))]
    for update in range(updates):
        indices = order[16 * update : 16 * (update + 1)]
        loss, size, _ = criterion(model, dataset.collater([dataset[index] for index in indices]))
        optimizer.zero_grad()
        (loss / size).backward()
        optimizer.step()


@pytest.fixture(scope="session", name="write_classifier")
def give_write_classifier():
    """The function above."""
    return write_classifier


@pytest.fixture(scope="session")
def opinion_classifier(opinions, tmp_path_factory) -> Path:
    """A checkpoint that is good but not perfect."""
    path = tmp_path_factory.mktemp("opinion_classifier") / "checkpoint_last.pt"
    return write_classifier(path, opinions, "--num-classes=2", updates=40)


@pytest.fixture
def write_clld(opinions, tmp_path):
    """Writes a checkpoint of CLLD: `write_clld("a.pt", matrix, updates=2, validations=3)`."""

    def write(name: str, matrix: list[list[float]], updates: int, validations: int) -> Path:
        path = tmp_path / name
        write_classifier(
            path, opinions, "--task=clld_classification", "--criterion=clld", "--max-epoch=3"
        )
        state = torch.load(path, weights_only=True)
        for part, value in (
            ("matrix", matrix), ("updates", updates), ("validations", validations),
        ):  # fmt: skip
            state["criterion"][f"label_distance.{part}"].copy_(torch.tensor(value))
        torch.save(state, path)
        return path

    return write
