"""Cost of an ATCL step in units of a plain cross-entropy step of the same model and batch.

    python run/benchmarks/atcl_step.py [--repetitions 9] [--output results.json]

A step is all forward and backward passes; the optimizer, the same for all, is left out, which
makes the ratios larger. In units of a forward pass a plain step is 3; ATCL is 7 (a gradient for
the input alone is 1), so 7/3 is the floor; with a detached anchor it is 6, so 2. Expected: at most
2.5 and 2.1. Peak memory is that of a step above what is in use before it. `transformer` translates
(label-smoothed cross-entropy, half the layers on each side, source and target of equal length);
the words of its source are perturbed.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from fairseq.criterions import FairseqCriterion
from fairseq.criterions.cross_entropy import CrossEntropyCriterion
from fairseq.criterions.label_smoothed_cross_entropy import LabelSmoothedCrossEntropyCriterion
from fairseq.models import MODEL_DATACLASS_REGISTRY, MODEL_REGISTRY
from fairseq.models.transformer import TransformerModel, base_architecture
from fairseq.models.transformer_lm import base_lm_architecture
from steps import DTYPES, Task, quartiles, ratios, take_turns

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import fairseq_cline  # noqa: F401
from fairseq_cline.criterions.atcl_cross_entropy import (
    AtclCrossEntropyConfig,
    AtclCrossEntropyCriterion,
)
from fairseq_cline.criterions.atcl_label_smoothed_cross_entropy import (
    AtclLabelSmoothedConfig,
    AtclLabelSmoothedCrossEntropyCriterion,
)
from fairseq_cline.evaluation.reports.report_file import write_benchmark

TRANSLATION = "transformer"
ARCHS = ("transformer_lm", "tensorized_transformer_lm", TRANSLATION)
LABEL_SMOOTHING = 0.1
SHAPES = {
    "cpu": {
        "symbols": 10000,
        "sentences": 16,
        "tokens": 64,
        "layers": 4,
        "channels": 256,
        "inner": 1024,
    },
    # Ma et al.'s and ATCL's, on WikiText-103; its 267,744 symbols would need an adaptive soft-max.
    "cuda": {
        "symbols": 32000,
        "sentences": 45,
        "tokens": 80,
        "layers": 6,
        "channels": 256,
        "inner": 2100,
    },
}
STEPS: dict[str, dict] = {
    "adversarial only": {"contrastive_weight": 0.0},
    "ATCL": {},
    "ATCL, detached": {"detach_anchor": True},
    "ATCL, antonyms": {},
}


def build_model(arch: str, task: Task, shape: dict) -> torch.nn.Module:
    if arch == TRANSLATION:
        return build_translation_model(task, shape)
    args = MODEL_DATACLASS_REGISTRY[arch](
        decoder_layers=shape["layers"],
        decoder_embed_dim=shape["channels"],
        decoder_input_dim=shape["channels"],
        decoder_output_dim=shape["channels"],
        decoder_ffn_embed_dim=shape["inner"],
        share_decoder_input_output_embed=True,
        tokens_per_sample=shape["tokens"],
        max_target_positions=shape["tokens"],
        add_bos_token=False,
    )
    base_lm_architecture(args)
    return MODEL_REGISTRY[arch].build_model(args, task)


def build_translation_model(task: Task, shape: dict) -> torch.nn.Module:
    sizes = {
        "layers": shape["layers"] // 2,
        "embed_dim": shape["channels"],
        "ffn_embed_dim": shape["inner"],
    }
    args = argparse.Namespace(
        **{
            f"{side}_{name}": size
            for side in ("encoder", "decoder")
            for name, size in sizes.items()
        },
        share_all_embeddings=True,
        max_source_positions=shape["tokens"],
        max_target_positions=shape["tokens"],
    )
    base_architecture(args)
    return TransformerModel.build_model(args, task)


def plain_criterion(arch: str, task: Task) -> FairseqCriterion:
    if arch == TRANSLATION:
        return LabelSmoothedCrossEntropyCriterion(task, False, LABEL_SMOOTHING)
    return CrossEntropyCriterion(task, False)


def atcl_criterion(arch: str, task: Task, settings: dict) -> FairseqCriterion:
    if arch == TRANSLATION:
        smoothed = AtclLabelSmoothedConfig(
            sentence_avg=False, label_smoothing=LABEL_SMOOTHING, **settings
        )
        return AtclLabelSmoothedCrossEntropyCriterion(smoothed, task)
    config = AtclCrossEntropyConfig(sentence_avg=False, ddp_backend="legacy_ddp", **settings)
    return AtclCrossEntropyCriterion(config, task)


def sample_batch(arch: str, shape: dict, device: torch.device, antonyms: bool) -> dict:
    generator = torch.Generator().manual_seed(1)

    def draw(high: int, *size: int, low: int = 0) -> torch.Tensor:
        return torch.randint(low, high, size, generator=generator).to(device)

    rows, length = shape["sentences"], shape["tokens"]
    tokens = draw(shape["symbols"], rows, length, low=4)
    candidates = {
        "rows": torch.arange(rows, device=device),
        "columns": draw(length, rows),
        "negatives": draw(rows * length, rows, 10),
    }
    if antonyms:
        candidates["antonyms"] = draw(shape["symbols"], rows, low=4)
    net_input, side = {"src_tokens": tokens}, "decoder"
    if arch == TRANSLATION:
        net_input["src_lengths"] = torch.full((rows,), length, device=device)
        net_input["prev_output_tokens"] = draw(shape["symbols"], rows, length, low=4)
        side = "encoder"
    return {
        "net_input": net_input,
        "target": tokens.roll(-1, dims=1),
        "ntokens": tokens.numel(),
        "candidates": {side: candidates},
    }


def training_step(model, criterion, batch: dict) -> Callable[[], None]:
    def backward(loss: torch.Tensor) -> None:
        loss.backward()

    settings = {"backward": backward} if getattr(criterion, "early_backward", False) else {}

    def step() -> None:
        model.zero_grad(set_to_none=True)
        criterion(model, batch, **settings)[0].backward()

    return step


def measure(arch: str, precision: str, device: torch.device, repetitions: int) -> dict:
    shape = SHAPES[device.type]
    task = Task(shape["symbols"], shape["tokens"])
    model = build_model(arch, task, shape).to(device, DTYPES[precision]).train()
    plain = sample_batch(arch, shape, device, antonyms=False)
    steps = {"plain": training_step(model, plain_criterion(arch, task), plain)}
    for name, settings in STEPS.items():
        batch = sample_batch(arch, shape, device, antonyms="antonyms" in name)
        steps[name] = training_step(model, atcl_criterion(arch, task, settings), batch)
    seconds, memory = take_turns(steps, repetitions, device)
    return {
        "arch": arch,
        "precision": precision,
        **shape,
        "repetitions": repetitions,
        "seconds": {name: quartiles(values) for name, values in seconds.items()},
        "ratio": {name: ratios(seconds, name, "plain") for name in STEPS},
        "peak_memory_mib": memory,
    }


def main() -> None:
    cuda = torch.cuda.is_available()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=50 if cuda else 11)
    parser.add_argument("--archs", nargs="+", choices=ARCHS, default=ARCHS)
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()
    device = torch.device("cuda" if cuda else "cpu")
    report = {"threads": torch.get_num_threads(), "results": []}
    for arch in options.archs:
        for precision in DTYPES if cuda else ["fp32"]:
            result = measure(arch, precision, device, options.repetitions)
            report["results"].append(result)
            print(
                f"{arch}, {precision}: a plain step takes "
                f"{1e3 * result['seconds']['plain']['median']:.1f} ms and "
                f"{result['peak_memory_mib']['plain']} MiB"
            )
            for name, ratio in result["ratio"].items():
                print(
                    f"  {name}: {ratio['median']:.3f} times as long (quartiles "
                    f"{ratio['quartiles'][0]:.3f} to {ratio['quartiles'][1]:.3f}), "
                    f"{result['peak_memory_mib'][name]} MiB",
                    flush=True,
                )
    if options.output:
        write_benchmark(options.output, report)


if __name__ == "__main__":
    main()
