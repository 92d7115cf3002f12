"""Whether a GPU trains each task in fp32, fp16 and bf16 alike; what it takes, in under 8 minutes.

    python run/benchmarks/gpu_check.py [--output results.json]

Trains every task through the real fairseq-train on small synthetic data, without dropout, and
compares the losses at the end; prints the greatest memory in use (GiB); then measures the ratios of
the step benchmarks (atcl_step.py and others, tiny models). What the time is too short for is left
out, and listed. The exit status is 1 when a training fails, a loss differs from that of fp32 by
more than 5%, or something was left out.

With --cpu the trainings alone run, of small models on the CPU, to try the commands; no step is measured.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from all_steps import STEPS, measure_steps
from steps import DTYPES
from toy_classification import write_classification_databin
from toy_text import write_language_databin, write_translation_databin
from toy_triplets import write_databin

import fairseq_cline.plugin  # noqa: F401 - before the models of the steps are built
from fairseq_cline.evaluation.reports.report_file import write_benchmark

SECONDS = 8 * 60
LAST = 10  # updates, whose loss is compared
TOLERANCE = 0.05  # of the loss of fp32
REPETITIONS = 20
FLAGS = {"fp32": [], "fp16": ["--fp16"], "bf16": ["--bf16"]}
assert FLAGS.keys() == DTYPES.keys()


def _sizes(side: str, layers: int, channels: int) -> list[str]:
    heads = channels // 64 or 1
    sizes = {"layers": layers, "embed-dim": channels, "ffn-embed-dim": 4 * channels}
    sizes["attention-heads"] = heads
    return [f"--{side}-{name}={size}" for name, size in sizes.items()]


def trainings(cpu: bool) -> dict[str, list[str]]:
    """Name of each training -> the folder of its data and its options."""
    layers, channels, size = (1, 32, "tiny") if cpu else (6, 512, "base")
    decoder, encoder = _sizes("decoder", layers, channels), _sizes("encoder", layers, channels)
    batch = "--batch-size=4" if cpu else "--batch-size=64"
    language = ["language", "--task=atcl_lm", "--tokens-per-sample=32", *decoder, batch]
    language += ["--criterion=atcl_cross_entropy"]
    classes = ["classes", "--task=clld_classification", "--init-token=0", "--num-classes=2", batch]
    classes += ["--max-positions=512", f"--arch=cline_roberta_{size}"]
    triplets = ["triplets", "--tokens-per-sample=32", batch]
    return {
        "atcl_lm": [*language, "--arch=transformer_lm"],
        "atcl_lm, detached": [*language, "--arch=transformer_lm", "--detach-anchor"],
        "atcl_lm, tensorized, adaptive": [
            *(*language, "--arch=tensorized_transformer_lm", "--attention-rank=16"),
            "--adaptive-softmax-cutoff=10,20",
        ],
        "atcl_translation": [
            *("translation", "--task=atcl_translation", "--arch=transformer", *decoder, *encoder),
            *("--criterion=atcl_label_smoothed_cross_entropy", "--label-smoothing=0.1", batch),
            *("--source-lang=xx", "--target-lang=yy"),
        ],
        "cline_pretrain": [
            *(*triplets, "--task=cline_pretrain", "--criterion=cline"),
            f"--arch=cline_roberta_{size}",
        ],
        "dcl_pretrain": [
            *(*triplets, "--task=dcl_pretrain", "--criterion=dcl", "--power-norm-warmup=20"),
            f"--arch=dcl_roberta_{size}",
        ],
        "clld_classification": [*classes, "--criterion=clld", "--label-distance=none"],
        "freelb": [*classes, "--criterion=freelb"],
    }


def write_data(folder: Path) -> None:
    """Writes the data-bins that the trainings name."""
    write_language_databin(folder / "language", {"train": 4000})
    pairs = [("cold lake", "the cold lake waits"), ("old tree falls and waits", "stone falls")]
    write_translation_databin(folder / "translation", {"train": 500 * pairs})
    write_databin(folder / "triplets", {"train": 1000}, longest=24)
    words = folder / "triplets" / "dict.txt"
    write_classification_databin(folder / "classes", words, {"train": 1000})


def command(data: Path, options: list[str], precision: str, updates: int, cpu: bool) -> list[str]:
    """The arguments of fairseq-train."""
    arguments = [str(data / options[0]), *options[1:], *FLAGS[precision]]
    arguments += ["--user-dir", str(REPOSITORY / "fairseq_cline"), *(["--cpu"] if cpu else [])]
    arguments += ["--dropout=0", "--attention-dropout=0", "--optimizer=adam", "--lr=1e-4"]
    arguments += ["--clip-norm=1", f"--max-update={updates}", "--seed=1", "--num-workers=0"]
    return [
        *arguments,
        "--no-save",
        "--disable-validation",
        "--log-format=json",
        "--log-interval=1",
    ]


def run(arguments: list[str], seconds: float) -> tuple[int, str]:
    """Exit status and output of a fairseq-train."""
    words = [sys.executable, "-m", "fairseq_cli.train", *arguments]
    try:
        done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return 1, f"not done after {seconds:.0f} s"
    return done.returncode, done.stdout + done.stderr


def figures(output: str, gpu_memory: float) -> dict:
    """Reads the log of a training.

    Args:
        gpu_memory: of the GPU, in GiB: the log has what is free of it.
    """
    parts = (line.partition("| train_inner | ")[2] for line in output.splitlines())
    lines = [json.loads(part) for part in parts if part]
    if not lines:
        return {"error": output.strip().rpartition("\n")[2]}
    losses = [float(line["loss"]) for line in lines[-LAST:]]
    free = [float(line["gb_free"]) for line in lines if "gb_free" in line]
    return {
        "updates": len(lines),
        "skipped": output.count("gradient overflow detected"),
        "first_loss": float(lines[0]["loss"]),
        "loss": round(sum(losses) / len(losses), 4),
        "peak_memory_gib": round(gpu_memory - min(free), 1) if free else None,
    }


def differences(results: dict[str, dict[str, dict]]) -> list[str]:
    """Trainings that failed, and losses that are not those of fp32, a line each."""
    wrong = []
    for name, found in results.items():
        for precision, result in found.items():
            if "error" in result:
                wrong.append(f"{name}, {precision}: {result['error']}")
                continue
            expected = found["fp32"].get("loss")
            if expected is not None and not (
                abs(result["loss"] - expected) <= TOLERANCE * abs(expected)
            ):
                wrong.append(f"{name}, {precision}: loss {result['loss']}, in fp32 {expected}")
    return wrong


def train_all(
    data: Path, updates: int, cpu: bool, deadline: float, start: Callable = run
) -> dict[str, dict[str, dict]]:
    """The figures of each training in each precision, printed as they come."""
    total = 0.0 if cpu else torch.cuda.get_device_properties(0).total_memory / 2**30
    results: dict[str, dict[str, dict]] = {}
    for name, options in trainings(cpu).items():
        results[name] = {}
        for precision in FLAGS:
            left = deadline - time.monotonic()
            if left <= 0:
                found = {"error": "left out, the time is over"}
            else:
                status, output = start(command(data, options, precision, updates, cpu), left)
                found = figures(output, total)
                if status and "error" not in found:
                    found["error"] = output.strip().rpartition("\n")[2]
            results[name][precision] = found
            print(name, precision, json.dumps(found), sep="  ", flush=True)
    return results


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=100, help="of each training")
    parser.add_argument("--output", type=Path, help="JSON file to write")
    parser.add_argument("--cpu", action="store_true", help="try the commands without a GPU")
    options = parser.parse_args(arguments)
    if options.updates < 1:
        parser.error("--updates must be 1 or more")
    if not options.cpu and not torch.cuda.is_available():
        sys.exit("gpu_check.py: error: torch finds no GPU; --cpu tries the commands on the CPU")
    deadline = time.monotonic() + SECONDS
    with tempfile.TemporaryDirectory() as folder:
        write_data(Path(folder))
        results = train_all(Path(folder), options.updates, options.cpu, deadline)
    wrong = differences(results)
    steps: list[dict] = []
    if not options.cpu:
        device = torch.device("cuda")
        steps, left_out = measure_steps(device, deadline, REPETITIONS, [*STEPS])
        wrong += left_out
    if options.output:
        device_name = "cpu" if options.cpu else torch.cuda.get_device_name(0)
        content = {"device": device_name, "updates": options.updates, "wrong": wrong}
        write_benchmark(options.output, {**content, "trainings": results, "steps": steps})
    for line in wrong:
        print(f"wrong: {line}")
    print("all precisions train alike" if not wrong else f"{len(wrong)} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
