"""A toy language, word for word translations of it, and models that have learned them."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from fairseq import options
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.tasks.translation import TranslationTask
from toy_checkpoints import save_checkpoint

from data_prep.translation.pair_databin import build_databin

LANGUAGES = ("xx", "yy")
WORDS = {
    "tree": "Baum", "lake": "See", "city": "Stadt", "stone": "Stein", "river": "Fluss",
    "house": "Haus", "table": "Tisch", "school": "Schule", "paper": "Papier", "music": "Musik",
}  # fmt: skip
_SIZES = [f"--{side}-{size}" for side in ("encoder", "decoder") for size in ("layers=1",)]
_TRANSFORMER = ["--arch=transformer", "--dropout=0", *_SIZES]
for _side in ("encoder", "decoder"):
    _TRANSFORMER += [f"--{_side}-embed-dim=32", f"--{_side}-ffn-embed-dim=32"]
    _TRANSFORMER += [f"--{_side}-attention-heads=2"]
KINDS = {
    "shared": [*_TRANSFORMER, "--share-all-embeddings"],
    "separate": _TRANSFORMER,
    "lstm": ["--arch=lstm", "--encoder-embed-dim=32", "--decoder-embed-dim=32", "--dropout=0"]
    + ["--encoder-hidden-size=32", "--decoder-hidden-size=32", "--decoder-out-embed-dim=32"],
}


def write_databin(folder: Path) -> Path:
    """A data-bin of data_prep.parallel_text with 120 sentences to train on, and 21 to test on."""
    sizes = {"train": 120, "valid": 3, "test": 21}
    texts = {
        split: write_text(folder, split, sizes[split], seed) for seed, split in enumerate(sizes)
    }
    build_databin(LANGUAGES, texts, folder / "bin", vocabulary=130, joined=True)
    return folder / "bin"


def write_text(folder: Path, split: str, sentences: int, seed: int) -> Path:
    """Word for word translations of 3 to 6 words, between a digit and an exclamation mark."""
    rng = np.random.default_rng(seed)
    drawn = [rng.choice([*WORDS], size=rng.integers(3, 7)).tolist() for _ in range(sentences)]
    texts = ["7 " + " ".join(words) + "!" for words in drawn]
    others = ["7 " + " ".join(WORDS[word] for word in words) + "!" for words in drawn]
    for language, lines in zip(LANGUAGES, (texts, others), strict=True):
        (folder / f"{split}.{language}").write_text("\n".join(lines) + "\n")
    return folder / split


def write_checkpoint(path: Path, data: Path, kind: str, updates: int = 80) -> Path:
    """A model of the toy language that is good but not sure, saved as the trainer saves it."""
    parser = options.get_training_parser("translation")
    words = [str(data), "--source-lang=xx", "--target-lang=yy", *KINDS[kind]]
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, words))
    task = TranslationTask.setup_task(cfg.task)
    torch.manual_seed(1)
    model = task.build_model(cfg.model)
    task.load_dataset("train")
    dataset = task.dataset("train")
    batch = dataset.collater([dataset[index] for index in range(len(dataset))])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(updates):
        scores = model(**batch["net_input"])[0]
        loss = F.cross_entropy(scores.flatten(0, 1), batch["target"].flatten(), ignore_index=1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return save_checkpoint(path, cfg, model)


@pytest.fixture(scope="session")
def translation_data(tmp_path_factory) -> Path:
    """A data-bin xx-yy of data_prep.parallel_text; tests must not change it."""
    return write_databin(tmp_path_factory.mktemp("translation"))


@pytest.fixture(scope="session")
def translation_checkpoints(translation_data, tmp_path_factory) -> dict[str, Path]:
    """A trained model of each kind in `KINDS`."""
    folder = tmp_path_factory.mktemp("translation_checkpoints")
    return {kind: write_checkpoint(folder / f"{kind}.pt", translation_data, kind) for kind in KINDS}
