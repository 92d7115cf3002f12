"""Time of `Encoder.encode` in units of sentence-transformers' encode: same weights, same text.

    python run/benchmarks/encode.py FOLDER --text text.txt [--output results.json]

FOLDER is an encoder of sentence-transformers, such as all-MiniLM-L6-v2; it is imported first. Both
tokenize, sort by length, encode with one thread in fp32, and normalize; they take turns, so that a
busy machine slows both. The vectors must be the same. Without sentence-transformers the time is in
units of the encoder alone, on batches that are ready. Ratios are expected to be at most 1.0, and
1.2 of the encoder alone.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from steps import quartiles, ratios, take_turns

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fairseq.data import data_utils

from data_prep.files.text_input import input_lines
from fairseq_cline.encode import Encoder
from fairseq_cline.evaluation.encoders.batches import batches_by_length
from fairseq_cline.evaluation.reports.report_file import write_benchmark
from fairseq_cline.pretrained.imported_encoder import import_encoder

OURS, THEIRS, FORWARD = "Encoder.encode", "sentence-transformers", "encoder alone"


def their_encode(folder: Path, texts: Sequence[str]) -> Callable[[], np.ndarray] | None:
    """The function that encodes the texts with sentence-transformers; None if it is missing."""
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        return None
    model = SentenceTransformer(str(folder), device="cpu")
    return lambda: model.encode(texts, normalize_embeddings=True, show_progress_bar=False)


def forward(encoder: Encoder, texts: Sequence[str]) -> Callable[[], None]:
    """The function that runs the encoder on batches that are ready, the same as those of encode."""
    tokens = encoder.tokens(texts)
    batches = [
        data_utils.collate_tokens([tokens[index] for index in batch], encoder.pad)
        for batch in batches_by_length(tokens, encoder.max_tokens)
    ]

    def run() -> None:
        with torch.inference_mode():
            for batch in batches:
                encoder.model.encoder.extract_features(batch)

    return run


def measure(folder: Path, texts: Sequence[str], repetitions: int) -> dict:
    """Seconds of each, their ratios, and the largest difference of a vector's elements."""
    with tempfile.TemporaryDirectory() as name:
        imported = Path(name, "encoder")
        import_encoder(folder, imported)
        encoder = Encoder(imported)
    steps: dict[str, Callable[[], object]] = {
        OURS: lambda: encoder.encode(texts, normalize=True, progress=False),
        FORWARD: forward(encoder, texts),
    }
    difference = None
    if theirs := their_encode(folder, texts):
        steps[THEIRS] = theirs
        difference = float(np.abs(steps[OURS]() - theirs()).max())
    seconds, memory = take_turns(steps, repetitions, torch.device("cpu"))
    others = [name for name in steps if name != OURS]
    return {
        "texts": len(texts),
        "largest_difference": difference,
        "repetitions": repetitions,
        "texts_per_second": {
            name: round(len(texts) / quartiles(values)["median"], 1)
            for name, values in seconds.items()
        },
        "seconds": {name: quartiles(values) for name, values in seconds.items()},
        "ratio": {name: ratios(seconds, OURS, name) for name in others},
        "peak_memory_mib": memory,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="encoder of sentence-transformers")
    parser.add_argument("--text", type=Path, required=True, help="UTF-8 text, a sentence a line")
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()
    torch.set_num_threads(1)
    result = measure(options.folder, input_lines(options.text), options.repetitions)
    for name, rate in result["texts_per_second"].items():
        print(f"{name:24}{rate:>10,.1f} texts/s", end="")
        ratio = result["ratio"].get(name)
        print(f"   ours / this: {ratio['median']:.3f} {ratio['quartiles']}" if ratio else "")
    print(f"largest difference of an element: {result['largest_difference']}")
    if options.output:
        write_benchmark(options.output, {"threads": torch.get_num_threads(), **result})


if __name__ == "__main__":
    main()
