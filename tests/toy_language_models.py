"""Untrained language models of each kind, and a data-bin of random sentences."""

from pathlib import Path

import numpy as np
import pytest
import torch
from fairseq import options
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.tasks.language_modeling import LanguageModelingTask
from toy_checkpoints import save_checkpoint

from fairseq_cline.evaluation.language_models.language_model import (
    LanguageModel,
    load_language_models,
)

WORDS = ["friend", "hate", "like", "love", "cold", "warm", "house", "river", "walks", "sings"]
WORDS += ["under", "before", "quick", "slow", "old"]
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
    return save_checkpoint(path, cfg, model)


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
