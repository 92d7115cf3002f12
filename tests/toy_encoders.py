"""Untrained encoders of each kind, saved with their configuration as the trainer does."""

from argparse import Namespace
from pathlib import Path

import pytest
import torch
from fairseq import options, tasks
from fairseq.data import Dictionary
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.tasks.masked_lm import MaskedLMConfig, MaskedLMTask
from toy_checkpoints import save_checkpoint

from data_prep.files.manifests import write_manifest
from data_prep.tokenizers.sentencepiece_training import train
from data_prep.tokenizers.subwords import load_encoder
from data_prep.triplets.databin_writer import write_word_beginnings
from fairseq_cline.models.bert import BertModel
from fairseq_cline.pretrained.new_checkpoint import new_checkpoint

DCL = ["--task=dcl_pretrain", "--criterion=dcl", "--arch=dcl_roberta_tiny", "--projection-dim=6"]
KINDS = {
    "stock": ["--task=masked_lm", "--criterion=masked_lm", "--arch=roberta_base"],
    "cline": ["--task=cline_pretrain", "--criterion=cline", "--arch=cline_roberta_tiny"],
    "baseline": ["--task=dcl_pretrain", "--criterion=masked_lm", "--arch=dcl_roberta_tiny"],
    "power": [*DCL, "--projection-norm=power"],
    "none": [*DCL, "--projection-norm=none"],
}
_SIZES = ["layers=2", "embed-dim=16", "ffn-embed-dim=16", "attention-heads=2"]


def write_encoder(path: Path, databin: Path, kind: str, max_positions: int = 64) -> Path:
    """Writes a checkpoint with the dictionary of a data-bin of triplets."""
    words = [str(databin), *KINDS[kind], f"--max-positions={max_positions}"]
    words += ["--tokens-per-sample=64", *(f"--encoder-{size}" for size in _SIZES)]
    parser = options.get_training_parser()
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, words))
    torch.manual_seed(1)
    model = tasks.setup_task(cfg.task).build_model(cfg.model)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".projection." in name:  # no two are alike, nor like a fresh one
                parameter.normal_()
    cfg.task.data = "/where/the/training/was"
    return save_checkpoint(path, cfg, model)


def write_plain_encoder(path: Path, hub_type: str = "roberta") -> Path:
    """Writes an encoder as an import does: without a training, for any dictionary of 10 symbols."""
    sizes = {name.replace("-", "_"): int(size) for name, size in (s.split("=") for s in _SIZES)}
    options = Namespace(
        **{f"encoder_{name}": size for name, size in sizes.items()},
        max_positions=64,
        hub_type=hub_type,
        arch="bert",
        _name="bert",
    )
    dictionary = Dictionary()
    for number in range(10 - len(dictionary)):
        dictionary.add_symbol(f"symbol{number}")
    torch.manual_seed(1)
    model = BertModel.build_model(options, MaskedLMTask(MaskedLMConfig(), dictionary))
    torch.save(new_checkpoint(vars(options), model.state_dict()), path)
    return path


def write_old_encoder(path: Path, databin: Path, arch: str = "roberta_base") -> Path:
    """Writes a checkpoint in the form of fairseq 0.10: its arguments in a namespace."""
    words = [str(databin), "--criterion=masked_lm", f"--arch={arch}", "--tokens-per-sample=64"]
    words += [f"--encoder-{size}" for size in _SIZES]
    args = options.parse_args_and_arch(options.get_training_parser("masked_lm"), words)
    torch.manual_seed(1)
    dictionary = Dictionary.load(str(databin / "dict.txt"))
    model = MaskedLMTask(MaskedLMConfig(), dictionary).build_model(args)
    state = {
        "args": args,
        "model": model.state_dict(),
        "optimizer_history": [{"optimizer_name": "Adam", "lr_scheduler_state": {}}],
        "extra_state": {"train_iterator": {"epoch": 1}},
    }
    torch.save(state, path)
    return path


@pytest.fixture(scope="session")
def encoder_checkpoints(databin, tmp_path_factory) -> dict[str, Path]:
    """One of each kind, with the dictionary of the shared data-bin; tests must not change them."""
    folder = tmp_path_factory.mktemp("encoders")
    return {kind: write_encoder(folder / f"{kind}.pt", databin, kind) for kind in KINDS}


@pytest.fixture(scope="session")
def text_pairs(tmp_path_factory):
    """A data-bin without splits, and two texts of three lines."""
    folder = tmp_path_factory.mktemp("text_pairs")
    original, perturbed = folder / "a.txt", folder / "b.txt"
    original.write_text("the cat sat\na dog ran here\nthe cat ran\n")
    perturbed.write_text("the cat sits\na dog ran here\na cat ran\n")
    bin_ = folder / "data-bin"
    train([str(original), str(perturbed)], bin_, vocabulary=275, sample=1000, seed=1)
    encoder = load_encoder(bin_)
    write_word_beginnings(bin_, encoder)
    tokenizer = {"type": encoder.kind, "sha256": encoder.sha256}
    write_manifest(bin_, "cline-triplets", 1, splits={}, tokenizer=tokenizer)
    write_encoder(folder / "model.pt", bin_, "power")
    return folder
