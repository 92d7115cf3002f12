"""Cost of a CLINE step in units of a stock masked-LM step on as many tokens.

    python run/benchmarks/cline_step.py [--arch tiny base] [--output results.json]

All steps (forward, backward, optimizer) see 3B sequences of T tokens and the same model. CLINE
masks and projects the B originals only and pays for its two other losses. masked_lm masks and
projects all 3B, or (`originals`, the stricter comparison) the same B as CLINE, so that the
difference is the two other losses alone. The steps alternate, so that a busy machine slows all.
The expected ratio to masked_lm is at most 1.10.
"""

import argparse
import functools
import sys
from pathlib import Path

import numpy as np
import torch
from fairseq.criterions.masked_lm import MaskedLmConfig, MaskedLmLoss
from fairseq.models import ARCH_CONFIG_REGISTRY
from steps import DTYPES, Task, compare_steps, quartiles, ratios, take_turns, update

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


from fairseq_cline.criterions.cline import ClineCriterion, ClineCriterionConfig
from fairseq_cline.data.masking import Masking
from fairseq_cline.models.cline_roberta import ClineRobertaModel

# Size of the vocabulary and of a batch: GPT-2's and the paper's length for base.
SHAPES = {
    ("tiny", "cpu"): {"symbols": 8192, "triplets": 8, "tokens": 128},
    ("tiny", "cuda"): {"symbols": 8192, "triplets": 64, "tokens": 128},
    ("base", "cpu"): {"symbols": 50265, "triplets": 2, "tokens": 128},
    ("base", "cuda"): {"symbols": 50265, "triplets": 16, "tokens": 512},
}


def sample_batches(task: Task, triplets: int, device: torch.device) -> dict[str, dict]:
    """The batch of CLINE, and those of masked_lm with the same 3B sequences."""
    rng = np.random.default_rng(1)
    symbols = len(task.source_dictionary)
    masking = Masking(0.15, 0.1, 0.1, specials=4, mask=symbols - 1, pad=1, symbols=symbols)
    tokens = rng.integers(4, symbols - 1, (3 * triplets, task.tokens))
    masked, target = (
        torch.from_numpy(np.stack(part)).to(device)
        for part in zip(*(masking(row, rng) for row in tokens), strict=True)
    )
    tokens = torch.from_numpy(tokens).to(device)
    labels = torch.from_numpy((rng.random(tokens.shape) < 0.3).astype(np.int64)).to(device)
    originals, synonyms, antonyms = (slice(k * triplets, (k + 1) * triplets) for k in range(3))
    cline = {
        "net_input": {"src_tokens": masked[originals]},
        "target": target[originals],
        "synonym": tokens[synonyms],
        "antonym": tokens[antonyms],
        "synonym_labels": labels[synonyms],
        "antonym_labels": labels[antonyms],
        "nsentences": triplets,
    }
    stock = {
        "net_input": {"src_tokens": masked},
        "target": target,
        "ntokens": tokens.numel(),
        "nsentences": 3 * triplets,
    }
    first = {**stock, "target": target.clone()}
    first["target"][triplets:] = 1
    return {"cline": cline, "masked_lm": stock, "originals": first}


def measure(arch: str, precision: str, device: torch.device, repetitions: int) -> dict:
    """Seconds and peak memory of the three steps."""
    shape = SHAPES[arch, device.type]
    task = Task(shape["symbols"], shape["tokens"])
    settings = argparse.Namespace()
    ARCH_CONFIG_REGISTRY[f"cline_roberta_{arch}"](settings)
    model = ClineRobertaModel.build_model(settings, task).to(device, DTYPES[precision]).train()
    steps = {}
    for name, batch in sample_batches(task, shape["triplets"], device).items():
        criterion = (
            ClineCriterion(ClineCriterionConfig(), task)
            if name == "cline"
            else MaskedLmLoss(MaskedLmConfig(tpu=False), task)
        )
        criterion = criterion.to(device, DTYPES[precision]).train()
        # eps: with the usual one half precision divides by zero.
        optimizer = torch.optim.Adam(
            [*model.parameters(), *criterion.parameters()], lr=1e-6, eps=1e-4, foreach=True
        )
        steps[name] = functools.partial(update, model, criterion, optimizer, batch)
    seconds, memory = take_turns(steps, repetitions, device)
    return {
        "arch": f"cline_roberta_{arch}",
        "precision": precision,
        **shape,
        "repetitions": repetitions,
        "seconds": {name: quartiles(values) for name, values in seconds.items()},
        "ratio": ratios(seconds, "cline", "masked_lm"),
        "ratio_originals": ratios(seconds, "cline", "originals"),
        "peak_memory_mib": memory,
    }


if __name__ == "__main__":
    compare_steps(
        __doc__.splitlines()[0],
        "step times and ratio to masked_lm on 3B, and on the originals alone (quartiles)",
        measure,
        ("ratio", "ratio_originals"),
    )
