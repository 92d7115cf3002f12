"""Vectors of plain text, a line each: of any RoBERTa-like model, pre-trained or fine-tuned.

    python -m fairseq_cline.encode checkpoints/cline/checkpoint_best.pt < text.txt > vectors.npy

Row n is the vector of line n, in the format of `numpy.save`, float32. MODEL is a checkpoint, or a
folder with a model.pt, as fairseq_cline.import_encoder makes it; the tokenizer is what lies beside
it. An empty line has no vector: it is refused, before any work. In Python:

    from fairseq_cline.encode import Encoder
    Encoder("checkpoints/cline/checkpoint_best.pt").encode(["A text.", "Another."])
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import numpy as np

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.files.text_input import input_lines
from data_prep.files.whole import whole_file
from data_prep.tokenizers.options import add_tokenizer_option
from fairseq_cline.evaluation.command_line import add_model, check_model_output, device, parse
from fairseq_cline.evaluation.encoders.sentence_vectors import FEATURES
from fairseq_cline.evaluation.encoders.text_encoder import Encoder
from fairseq_cline.pretrained.model_paths import TOKENIZER_BESIDE

__all__ = ["Encoder"]


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add_model(parser)
    add_tokenizer_option(parser, TOKENIZER_BESIDE)
    add = parser.add_argument
    add("--output", metavar="FILE.npy", help="write the vectors here (default: standard output)")
    add(
        "--feature",
        choices=[*FEATURES],
        help="what stands for a text: cls, the vector of <s>, or mean, that of all tokens (default: "
        "what the model was trained with, else cls)",
    )
    add("--normalize", action="store_true", help="bring each vector to length 1")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = parse(_parser(), argv)
    check_model_output(args)
    if args.output is None and sys.stdout.isatty():
        raise InputError(
            "vectors are no text for a terminal; write > vectors.npy, or give --output"
        )
    texts = input_lines(args.input)
    encoder = Encoder(args.model, args.tokenizer, args.feature, device(args.cpu))
    rows = encoder.rows(texts, args.normalize)
    shape = (len(texts), encoder.channels)
    if args.output is None:
        _write_rows(sys.stdout.buffer, rows, shape)
        return
    with whole_file(args.output) as temporary, temporary.open("wb") as out:
        _write_rows(out, rows, shape)


def _write_rows(out: BinaryIO, rows: Iterable[np.ndarray], shape: tuple[int, int]) -> None:
    """Writes the vectors as they come, as `numpy.save` does; no more are in memory."""
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(out, header)
    out.writelines(some.astype("<f4", copy=False).tobytes() for some in rows)
    out.flush()


if __name__ == "__main__":
    main()
