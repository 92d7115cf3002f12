"""Time and memory of the two contractions of multi-linear attention, and where they cross.

    python run/benchmarks/multilinear_attention.py [--output results.json]

One layer, forward and backward. Memory is what autograd keeps between the two, which grows with
the number of layers: the storages that it saves, parameters and input left out, each counted once.
Both are given per sentence. The module makes the N^3 tensor up to N^2 = TENSOR_LIMIT * R * C; the
other sizes show that the crossing follows this rule and not N alone. On a CPU it is the time of the
processor, on one thread: other work on the machine does not count.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fairseq_cline.evaluation.reports.report_file import write_benchmark
from fairseq_cline.modules.multilinear_attention import TENSOR_LIMIT, MultilinearAttention

# Channels and rank -> lengths. The first is the source's size.
SIZES = {
    (256, 40): (32, 64, 80, 128, 256),
    (512, 40): (128, 192, 256),
    (128, 8): (64, 80, 96),
}
TOKENS = 1024  # in a batch


def saved_bytes(forward: Callable[[], Tensor], known: list[Tensor]) -> int:
    """Bytes of all storages that autograd keeps for the backward pass, except the known."""
    sizes = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        output = forward()  # must live on: freed storages would be counted once for many
    for tensor in known:
        sizes.pop(tensor.untyped_storage().data_ptr(), None)
    del output
    return sum(sizes.values())


def measure(channels: int, rank: int, length: int, repetitions: int, device: torch.device) -> dict:
    """Milliseconds and MiB a sentence of both contractions, measured in turn."""
    torch.manual_seed(1)
    module = MultilinearAttention(channels, rank, cores=2, length=length).to(device)
    size = TOKENS // length
    x = torch.randn(size, length, channels, device=device, requires_grad=True)
    forwards = {
        "with_tensor": lambda: module.with_tensor(x),
        "without_tensor": lambda: module.without_tensor(x)[0],
    }
    memory = {  # also warms up
        name: saved_bytes(forward, [x, *module.parameters(), *module.buffers()])
        for name, forward in forwards.items()
    }
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    seconds = {name: [] for name in forwards}
    for _ in range(repetitions):
        for name, forward in forwards.items():
            if device.type == "cuda":
                torch.cuda.synchronize()
            start = clock()
            forward().sum().backward()
            if device.type == "cuda":
                torch.cuda.synchronize()
            seconds[name].append(clock() - start)
            module.zero_grad()
            x.grad = None
    with_tensor = length**2 <= TENSOR_LIMIT * rank * channels
    return {
        "channels": channels,
        "rank": rank,
        "length": length,
        "sentences": size,
        "size": round(length**2 / (rank * channels), 2),
        "chosen": "with_tensor" if with_tensor else "without_tensor",
        "milliseconds": {
            name: round(statistics.median(values) / size * 1e3, 2)
            for name, values in seconds.items()
        },
        "mebibytes": {name: round(value / size / 2**20, 2) for name, value in memory.items()},
    }


def row(result: dict) -> str:
    """A line of the table; the contraction that the module chooses is bold."""
    cells = [result[name] for name in ("channels", "rank", "length", "size")]
    for unit in ("milliseconds", "mebibytes"):
        for name in ("with_tensor", "without_tensor"):
            value = f"{result[unit][name]:.1f}"
            cells.append(f"**{value}**" if name == result["chosen"] else value)
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()

    torch.set_num_threads(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    results = []
    print("| C | R | N | N²/RC | ms, tensor | ms, none | MiB, tensor | MiB, none |")
    print("|---|---|---|---|---|---|---|---|")
    for (channels, rank), lengths in SIZES.items():
        for length in lengths:
            results.append(measure(channels, rank, length, options.repetitions, device))
            print(row(results[-1]), flush=True)
    report = {
        "threads": torch.get_num_threads(),
        "tensor_limit": TENSOR_LIMIT,
        "results": results,
    }
    if options.output:
        write_benchmark(options.output, report)


if __name__ == "__main__":
    main()
