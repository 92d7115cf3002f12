"""Cost of a FreeLB step in units of a plain fine-tuning step of the same model and batch.

    python run/benchmarks/freelb_step.py [--arch tiny base] [--output results.json]

A step is all forward and backward passes; the optimizer, the same for all, is left out, which
makes the ratios larger. With K perturbations K is the floor; expected: at most K + 1.

    early K  with a task like clld_classification: each pass adds its gradients at once
    joint K  with stock sentence_prediction: one backward pass over K graphs
"""

import argparse
import functools
import sys
from pathlib import Path

import torch
from fairseq.criterions.sentence_prediction import (
    SentencePredictionConfig,
    SentencePredictionCriterion,
)
from fairseq.models import ARCH_CONFIG_REGISTRY
from steps import DTYPES, Task, compare_steps, quartiles, ratios, take_turns

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fairseq_cline.criterions.freelb import FreeLbConfig, FreeLbCriterion
from fairseq_cline.models.cline_roberta import ClineRobertaModel

STEPS = (1, 2, 3)
MODES = ("early", "joint")
NAMES = tuple(f"{mode} {steps}" for mode in MODES for steps in STEPS)
HEAD = "sentence_classification_head"
# Size of the vocabulary and of a batch; for base RoBERTa's and the batch of run/lib/finetune.sh.
SHAPES = {
    ("tiny", "cpu"): {"symbols": 8192, "examples": 32, "tokens": 64},
    ("tiny", "cuda"): {"symbols": 8192, "examples": 256, "tokens": 128},
    ("base", "cpu"): {"symbols": 50265, "examples": 4, "tokens": 128},
    ("base", "cuda"): {"symbols": 50265, "examples": 32, "tokens": 512},
}


def build_model(arch: str, task: Task) -> torch.nn.Module:
    settings = argparse.Namespace()
    ARCH_CONFIG_REGISTRY[f"cline_roberta_{arch}"](settings)
    model = ClineRobertaModel.build_model(settings, task)
    model.register_classification_head(HEAD, num_classes=2)
    return model


def sample_batch(shape: dict, device: torch.device) -> dict:
    generator = torch.Generator().manual_seed(1)
    size = (shape["examples"], shape["tokens"])
    tokens = torch.randint(4, shape["symbols"], size, generator=generator).to(device)
    return {
        "net_input": {"src_tokens": tokens},
        "target": torch.arange(size[0], device=device) % 2,
        "ntokens": tokens.numel(),
    }


def training_step(model, criterion, batch: dict, early: bool) -> None:
    model.zero_grad(set_to_none=True)
    settings = {"backward": torch.Tensor.backward} if early else {}
    criterion(model, batch, **settings)[0].backward()


def measure(arch: str, precision: str, device: torch.device, repetitions: int) -> dict:
    """Seconds and peak memory of the plain step and of FreeLB's."""
    shape = SHAPES[arch, device.type]
    task = Task(shape["symbols"], shape["tokens"])
    task.label_dictionary = None  # only the metrics of GLUE ask for it
    model = build_model(arch, task).to(device, DTYPES[precision]).train()
    batch = sample_batch(shape, device)
    stock = {"classification_head_name": HEAD, "regression_target": False}
    plain = SentencePredictionCriterion(SentencePredictionConfig(**stock), task)
    steps = {"plain": functools.partial(training_step, model, plain, batch, early=False)}
    for name in NAMES:
        mode, passes = name.split()
        criterion = FreeLbCriterion(FreeLbConfig(adversarial_steps=int(passes), **stock), task)
        early = mode == "early"
        steps[name] = functools.partial(training_step, model, criterion, batch, early)
    seconds, memory = take_turns(steps, repetitions, device)
    return {
        "arch": f"cline_roberta_{arch}",
        "precision": precision,
        **shape,
        "repetitions": repetitions,
        "seconds": {name: quartiles(values) for name, values in seconds.items()},
        **{name: ratios(seconds, name, "plain") for name in NAMES},
        "peak_memory_mib": memory,
    }


if __name__ == "__main__":
    compare_steps(
        __doc__.splitlines()[0],
        f"step times (plain, {', '.join(NAMES)}), and the ratios of these to plain (quartiles)",
        measure,
        NAMES,
    )
