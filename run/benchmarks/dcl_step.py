"""Cost of a DCL step in units of a stock masked-LM step on the same sentences, and of its floor.

    python run/benchmarks/dcl_step.py [--arch tiny base] [--output results.json]

All steps (forward, backward, optimizer) see B sentences of T tokens and the same encoder.

    masked_lm  stock: one pass over the B originals
    floor      what any form of DCL has to do: a masked-LM step whose pass also covers the B
               synonym sequences, and a pass without gradient over 2B sequences
    dcl        the two, and projections, losses, logged measures and the momentum update

In passes over B sequences, a backward counted as two: 3, 8 and 8. The steps alternate, so that a
busy machine slows all. The expected ratio to the floor is at most 1.10.
"""

import argparse
import copy
import functools
import itertools
import sys
from pathlib import Path

import numpy as np
import torch
from fairseq.criterions.masked_lm import MaskedLmConfig, MaskedLmLoss
from fairseq.models import ARCH_CONFIG_REGISTRY
from steps import DTYPES, Task, compare_steps, quartiles, ratios, take_turns, update

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


from fairseq_cline.criterions.dcl import DclCriterion, DclCriterionConfig
from fairseq_cline.data.masking import Masking
from fairseq_cline.models.dcl_roberta import DclRobertaModel

# Size of the vocabulary and of a batch: GPT-2's and the paper's batch for base.
SHAPES = {
    ("tiny", "cpu"): {"symbols": 8192, "pairs": 8, "tokens": 128},
    ("tiny", "cuda"): {"symbols": 8192, "pairs": 64, "tokens": 128},
    ("base", "cpu"): {"symbols": 50265, "pairs": 2, "tokens": 128},
    ("base", "cuda"): {"symbols": 50265, "pairs": 32, "tokens": 512},
}


def sample_batches(task: Task, pairs: int, device: torch.device) -> dict[str, dict]:
    """The batch of each step; all have the same originals with the same masks."""
    rng = np.random.default_rng(1)
    symbols = len(task.source_dictionary)
    masking = Masking(0.15, 0.1, 0.1, specials=4, mask=symbols - 1, pad=1, symbols=symbols)
    original, synonym = rng.integers(4, symbols - 1, (2, pairs, task.tokens))
    masked, target = map(np.stack, zip(*(masking(row, rng) for row in original), strict=True))
    masked, target, synonym = (
        torch.from_numpy(part).to(device) for part in (masked, target, synonym)
    )
    stock = {
        "net_input": {"src_tokens": masked},
        "target": target,
        "ntokens": target.numel(),
        "nsentences": pairs,
    }
    both = {
        **stock,
        "net_input": {"src_tokens": torch.cat([masked, synonym])},
        "target": torch.cat([target, torch.ones_like(target)]),
    }
    return {"masked_lm": stock, "floor": both, "dcl": {**stock, "synonym": synonym}}


def floor_update(model, criterion, optimizer, target, batch: dict) -> None:
    with torch.no_grad():
        target(batch["net_input"]["src_tokens"], features_only=True)
    update(model, criterion, optimizer, batch)


def dcl_update(model, criterion, optimizer, numbers, batch: dict) -> None:
    model.follow_update(next(numbers))
    update(model, criterion, optimizer, batch)


def build(arch: str, task: Task, aligned: bool):
    settings = argparse.Namespace()
    ARCH_CONFIG_REGISTRY[f"dcl_roberta_{arch}"](settings)
    model = DclRobertaModel.build_model(settings, task)
    if aligned:
        # The defaults of `--task dcl_pretrain`.
        model.add_alignment(
            projection_dim=128,
            hidden_dim=512,
            norm="power",
            norm_warmup=1000,
            momentum=0.996,
            cosine_updates=None,
        )
    return model


def measure(arch: str, precision: str, device: torch.device, repetitions: int) -> dict:
    """Seconds and peak memory of the three steps."""
    shape = SHAPES[arch, device.type]
    task = Task(shape["symbols"], shape["tokens"])
    batches = sample_batches(task, shape["pairs"], device)
    dtype = DTYPES[precision]
    steps = {}
    for name, batch in batches.items():
        model = build(arch, task, aligned=name == "dcl").to(device, dtype).train()
        criterion = (
            DclCriterion(DclCriterionConfig(), task)
            if name == "dcl"
            else MaskedLmLoss(MaskedLmConfig(tpu=False), task)
        )
        # eps: with the usual one half precision divides by zero.
        optimizer = torch.optim.Adam(
            [p for p in model.parameters() if p.requires_grad], lr=1e-6, eps=1e-4, foreach=True
        )
        arguments = (model, criterion, optimizer)
        if name == "masked_lm":
            steps[name] = functools.partial(update, *arguments, batch)
        elif name == "floor":
            target = copy.deepcopy(model)
            steps[name] = functools.partial(floor_update, *arguments, target, batch)
        else:
            steps[name] = functools.partial(dcl_update, *arguments, itertools.count(), batch)
    seconds, memory = take_turns(steps, repetitions, device)
    return {
        "arch": f"dcl_roberta_{arch}",
        "precision": precision,
        **shape,
        "repetitions": repetitions,
        "seconds": {name: quartiles(values) for name, values in seconds.items()},
        "ratio": ratios(seconds, "dcl", "masked_lm"),
        "ratio_floor": ratios(seconds, "dcl", "floor"),
        "peak_memory_mib": memory,
    }


if __name__ == "__main__":
    compare_steps(
        __doc__.splitlines()[0],
        "step times (masked_lm, floor, dcl), and ratio to masked_lm and to the floor (quartiles)",
        measure,
        ("ratio", "ratio_floor"),
    )
