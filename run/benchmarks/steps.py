"""Times and peak memory of training steps that take turns, so that a busy machine slows all."""

import argparse
import ctypes
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from fairseq.data import Dictionary

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fairseq_cline.evaluation.reports.report_file import write_benchmark

DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
_WARM_UP = 2


class Task:
    """The part of a task that models and criterions ask for."""

    def __init__(self, symbols: int, tokens: int):
        self.source_dictionary = self.target_dictionary = Dictionary()
        for index in range(symbols - len(self.source_dictionary)):
            self.source_dictionary.add_symbol(f"w{index}")
        self.tokens = tokens

    def max_positions(self) -> int:
        return self.tokens


def take_turns(
    steps: dict[str, Callable[[], None]], repetitions: int, device: torch.device
) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Seconds of each repetition of each step, and the peak memory of a step in MiB."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    memory = {}
    for repetition in range(repetitions + _WARM_UP):
        for name, step in steps.items():
            peak = _PeakMemory(device)
            start = time.perf_counter()
            step()
            if device.type == "cuda":
                torch.cuda.synchronize()
            if repetition >= _WARM_UP:
                seconds[name].append(time.perf_counter() - start)
            memory[name] = peak.mebibytes()
    return seconds, memory


class _PeakMemory:
    """Memory in use above what was in use at the start: of the GPU, or resident (Linux, glibc)."""

    def __init__(self, device: torch.device):
        self.on_gpu = device.type == "cuda"
        if self.on_gpu:
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
            self.before = torch.cuda.memory_allocated()
        else:
            # Freed memory goes back to the system, and the peak of this process is reset.
            ctypes.CDLL(None).malloc_trim(0)
            Path("/proc/self/clear_refs").write_text("5")
            self.before = self._status("VmRSS")

    @staticmethod
    def _status(key: str) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))

    def mebibytes(self) -> int:
        peak = torch.cuda.max_memory_allocated() if self.on_gpu else self._status("VmHWM")
        return round((peak - self.before) / 2**20)


def compare_steps(
    description: str,
    heading: str,
    measure: Callable[[str, str, torch.device, int], dict],
    ratio_keys: tuple[str, ...],
) -> None:
    """The command line of a comparison of training steps: prints a line for each model.

    Args:
        measure: of (architecture, precision, device, repetitions), the figures.
        ratio_keys: which of the figures are printed behind the times.
    """
    cuda = torch.cuda.is_available()
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--arch", nargs="+", default=["tiny", "base"], choices=["tiny", "base"])
    parser.add_argument("--repetitions", type=int, default=100 if cuda else 9)
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()

    device = torch.device("cuda" if cuda else "cpu")
    report = {"threads": torch.get_num_threads(), "results": []}
    print(heading)
    for arch in options.arch:
        for precision in DTYPES if cuda else ["fp32"]:
            result = measure(arch, precision, device, options.repetitions)
            report["results"].append(result)
            found = (
                f"{result[key]['median']:.3f} ({'-'.join(map(str, result[key]['quartiles']))})"
                for key in ratio_keys
            )
            times = (f"{1e3 * value['median']:.1f} ms" for value in result["seconds"].values())
            print(result["arch"], precision, *times, *found, sep="  ", flush=True)
    if options.output:
        write_benchmark(options.output, report)


def update(model, criterion, optimizer, batch: dict) -> None:
    """A training step: forward, backward, optimizer."""
    loss, sample_size, _ = criterion(model, batch)
    (loss / sample_size).backward()
    optimizer.step()
    optimizer.zero_grad()


def ratios(seconds: dict[str, list[float]], name: str, reference: str) -> dict:
    """Quartiles of the ratio of two steps that were timed in the same turn."""
    pairs = zip(seconds[name], seconds[reference], strict=True)
    return quartiles([ours / theirs for ours, theirs in pairs])


def quartiles(values: list[float]) -> dict:
    low, middle, high = statistics.quantiles(values, n=4)
    return {"median": round(middle, 4), "quartiles": [round(low, 4), round(high, 4)]}
