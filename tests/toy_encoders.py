"""Untrained encoders of each kind, saved with their configuration as the trainer does."""

from pathlib import Path

import pytest
import torch
from fairseq import options, tasks
from fairseq.data import Dictionary
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.tasks.masked_lm import MaskedLMConfig, MaskedLMTask
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from toy_checkpoints import save_checkpoint

from data_prep.files.checksums import file_sha256
from data_prep.files.manifests import write_manifest

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
    """A data-bin without splits, its tokenizer, and two texts of three lines."""
    folder = tmp_path_factory.mktemp("text_pairs")
    original, perturbed = folder / "a.txt", folder / "b.txt"
    original.write_text("the cat sat\na dog ran here\nthe cat ran\n")
    perturbed.write_text("the cat sits\na dog ran here\na cat ran\n")
    SentencePieceTrainer.train(
        input=[str(original), str(perturbed)],
        model_prefix=str(folder / "spm"),
        vocab_size=50,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    model = SentencePieceProcessor(model_file=str(folder / "spm.model"))
    pieces = [model.id_to_piece(i) for i in range(3, model.get_piece_size())]
    bin_ = folder / "data-bin"
    bin_.mkdir()
    (bin_ / "dict.txt").write_text("".join(f"{piece} 1\n" for piece in pieces))
    begins = "".join(f"{int(piece.startswith('▁'))}\n" for piece in pieces)
    (bin_ / "word_begin.txt").write_text(begins)
    tokenizer = {"type": "sentencepiece", "sha256": file_sha256(folder / "spm.model")}
    write_manifest(bin_, "cline-triplets", 1, splits={}, tokenizer=tokenizer)
    write_encoder(folder / "model.pt", bin_, "power")
    return folder
