"""Small data-bins of sentences: with an untrained language model of each kind, with a classifier."""

import inspect
from pathlib import Path

import numpy as np
import pytest
import torch
from fairseq import options, tasks
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.tasks.language_modeling import LanguageModelingTask
from omegaconf import OmegaConf

from data_prep.classification.labeled_databin import Options, build_databin
from data_prep.tokenizers.sentencepiece_training import train
from fairseq_cline.evaluation.language_models.language_model import (
    LanguageModel,
    load_language_models,
)
from tests.evaluation.toy_encoders import encoder_checkpoints, text_pairs  # noqa: F401

WORDS = [
    "friend",
    "hate",
    "like",
    "love",
    "cold",
    "warm",
    "house",
    "river",
    "walks",
    "sings",
    "under",
    "before",
    "quick",
    "slow",
    "old",
]
OTHERS = ["a", "1990", ",", "'s"]
TOKENS = 16  # in a row
_DECODER = ["layers=1", "embed-dim=16", "input-dim=16", "output-dim=16", "ffn-embed-dim=16"]
_DECODER = [f"--decoder-{size}" for size in (*_DECODER, "attention-heads=2")]
KINDS = {
    "transformer": ["--arch=transformer_lm", *_DECODER],
    "adaptive": ["--arch=transformer_lm", *_DECODER, "--adaptive-input"]
    + ["--adaptive-input-cutoff=8,14", "--adaptive-input-factor=2", "--adaptive-softmax-factor=2"]
    + ["--adaptive-softmax-cutoff=8,14"],
    "tensorized": ["--arch=tensorized_transformer_lm", *_DECODER, "--attention-rank=4"],
    "lstm": ["--arch=lstm_lm", "--decoder-embed-dim=16", "--decoder-hidden-size=16"]
    + ["--decoder-out-embed-dim=16", "--adaptive-softmax-cutoff=8,14"],
}


def write_lm_databin(folder: Path, words: list[str] = WORDS, sentences: int = 40) -> Path:
    """Random sentences of 4 to 9 words with a full stop at the end."""
    folder.mkdir(parents=True)
    dictionary = Dictionary()
    for symbol in (".", *words, *OTHERS):
        dictionary.add_symbol(symbol, n=10)
    dictionary.save(str(folder / "dict.txt"))
    rng = np.random.default_rng(1)
    for split in ("train", "test"):
        builder = MMapIndexedDatasetBuilder(str(folder / f"{split}.bin"), dtype=np.uint16)
        for _ in range(sentences):
            drawn = rng.choice([*words, *OTHERS], size=rng.integers(4, 10))
            ids = [dictionary.index(symbol) for symbol in (*drawn, ".")]
            builder.add_item(torch.tensor([*ids, dictionary.eos()]))
        builder.finalize(str(folder / f"{split}.idx"))
    return folder


def write_lm_checkpoint(path: Path, databin: Path, kind: str, *options_: str) -> Path:
    """An untrained model, saved with its configuration as the trainer does."""
    parser = options.get_training_parser("language_modeling")
    words = [str(databin), "--task=language_modeling", *KINDS[kind]]
    words += [f"--tokens-per-sample={TOKENS}", "--sample-break-mode=none", *options_]
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, words))
    torch.manual_seed(1)
    model = LanguageModelingTask.setup_task(cfg.task).build_model(cfg.model)
    save_checkpoint(path, cfg, model)
    return path


def save_checkpoint(path: Path, cfg, model, criterion: torch.nn.Module | None = None) -> None:
    state = {
        "cfg": OmegaConf.to_container(cfg, resolve=True, enum_to_str=True),
        "args": None,
        "model": model.state_dict(),
        "criterion": {} if criterion is None else criterion.state_dict(),
        "optimizer_history": [{"optimizer_name": "Adam", "lr_scheduler_state": {}}],
        "extra_state": {"train_iterator": {"epoch": 1}},
    }
    torch.save(state, path)


@pytest.fixture(scope="session")
def lm_databin(tmp_path_factory) -> Path:
    """Tests must not change it."""
    return write_lm_databin(tmp_path_factory.mktemp("lm") / "data-bin")


@pytest.fixture(scope="session")
def lm_checkpoints(lm_databin, tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("lm_checkpoints")
    return {kind: write_lm_checkpoint(folder / f"{kind}.pt", lm_databin, kind) for kind in KINDS}


@pytest.fixture(scope="session")
def write_lm():
    """The functions that write a data-bin and a checkpoint of one's own."""
    return write_lm_databin, write_lm_checkpoint


@pytest.fixture(scope="session")
def language_model_of(lm_databin, lm_checkpoints):
    """Loads the model of one kind: `language_model_of("lstm")`."""
    return lambda kind: load_language_models({kind: str(lm_checkpoints[kind])}, str(lm_databin))[0]


@pytest.fixture(params=KINDS)
def language_model(language_model_of, request) -> LanguageModel:
    return language_model_of(request.param)


@pytest.fixture(scope="session")
def log_probabilities():
    """The function of one row's tokens, (1, T) -> (T, V), for any kind of soft-max.

    fairseq's own has no gradient for an adaptive soft-max.
    """

    def compute(model, tokens: torch.Tensor) -> torch.Tensor:
        output, _ = model(tokens)
        adaptive = model.decoder.adaptive_softmax
        if adaptive is None:
            return output[0].log_softmax(1)
        head = adaptive.head(output[0]).log_softmax(1)
        common, bands = head[:, : adaptive.cutoff[0]], head[:, adaptive.cutoff[0] :]
        rare = [
            bands[:, [i]] + tail(output[0]).log_softmax(1) for i, tail in enumerate(adaptive.tail)
        ]
        return torch.cat([common, *rare], dim=1)

    return compute


@pytest.fixture(scope="session")
def run_main():
    """Runs the main of a command in this process: `run_main(lm_robustness, "--data", ...)`.

    Errors are raised: without the frame that makes one line of them.
    """

    def run(module, *arguments) -> None:
        inspect.unwrap(module.main)([*map(str, arguments)])

    return run


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
    train([str(texts["train"])], folder, vocabulary=290, sample=1000, seed=1)
    tokenizer = (str(folder / "spm.model"), str(folder / "dict.txt"))
    build_databin(texts, folder / "bin", Options(tokenizer))
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
    tokenizer = tuple(str(opinions.parent / name) for name in ("spm.model", "dict.txt"))
    build_databin(texts, folder / "bin", Options(tokenizer, regression=regression))
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
    save_checkpoint(path, cfg, model, criterion)
    return path


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
