"""Train the SentencePiece model and its fairseq dictionary for ``make_triplets``.

Text is not normalized and unknown characters become bytes, so that decoding gives back the text.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sentencepiece
from tqdm import tqdm

from data_prep.errors import InputError
from data_prep.files.text_units import MAX_LINE_BYTES, input_files, read_lines, total_bytes

MODEL, DICT = "spm.model", "dict.txt"


def _sentences(files: list[str]) -> Iterator[str]:
    with tqdm(total=total_bytes(files), unit="B", unit_scale=True, desc="reading") as bar:
        for line, consumed in read_lines(files):
            bar.update(consumed - bar.n)
            if line:
                yield line


def train_model(
    sentences: Iterable[str], vocabulary: int, sample: int, seed: int, **settings: Any
) -> bytes:
    """A SentencePiece model as the bytes of its file.

    Args:
        sample: train on at most so many sentences, drawn at random.
        settings: of SentencePiece's trainer, which say how text becomes pieces.

    Raises:
        InputError: the text is too small for the vocabulary, or there is none.
    """
    if vocabulary < 1:
        raise InputError("--vocab-size must be at least 1")
    sentencepiece.set_random_generator_seed(seed)
    written = io.BytesIO()  # a file's name would become part of the model
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=written,
            vocab_size=vocabulary,
            input_sentence_size=sample,
            shuffle_input_sentence=True,
            max_sentence_length=2 * MAX_LINE_BYTES,
            num_threads=1,  # the result depends on it
            minloglevel=1,
            **settings,
        )
    except (RuntimeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"SentencePiece cannot train {vocabulary} pieces on this text ({reason}); "
            "give more text or a smaller --vocab-size"
        ) from error
    return written.getvalue()


def train(files: list[str], destdir: Path, vocabulary: int, sample: int, seed: int) -> None:
    """Write ``spm.model`` and ``dict.txt`` to ``destdir``, both or none.

    Raises:
        InputError: the text is too small for the vocabulary, or there is none.
    """
    trained = train_model(
        _sentences(files),
        vocabulary,
        sample,
        seed,
        model_type="unigram",
        normalization_rule_name="identity",
        byte_fallback=True,
    )
    model = sentencepiece.SentencePieceProcessor(model_proto=trained)
    pieces = (i for i in range(model.get_piece_size()) if not model.is_control(i))
    symbols = [model.id_to_piece(i) for i in pieces if i != model.unk_id()]
    destdir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destdir) as folder:
        (Path(folder) / MODEL).write_bytes(trained)
        lines = "".join(f"{symbol} 1\n" for symbol in symbols)
        (Path(folder) / DICT).write_text(lines, encoding="utf-8")
        for name in (MODEL, DICT):
            os.replace(Path(folder) / name, destdir / name)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="train_sentencepiece", description=__doc__)
    parser.add_argument(
        "text", nargs="+", help="UTF-8 files, folders, .gz files, - for standard input"
    )
    parser.add_argument("--destdir", type=Path, required=True, help=f"gets {MODEL} and {DICT}")
    parser.add_argument(
        "--vocab-size",
        type=int,
        default=16_000,
        metavar="V",
        help="number of pieces (default: 16000)",
    )
    parser.add_argument(
        "--sample",
        type=int,
        default=1_000_000,
        metavar="N",
        help="train on at most N lines drawn at random (default: 1000000)",
    )
    parser.add_argument("--seed", type=int, default=1, help="of that draw (default: 1)")
    arguments = parser.parse_args(argv)
    try:
        files = input_files(arguments.text)
        train(files, arguments.destdir, arguments.vocab_size, arguments.sample, arguments.seed)
    except (InputError, OSError) as error:
        parser.exit(1, f"train_sentencepiece: error: {error}\n")
    print(f"wrote {arguments.destdir / MODEL} and {arguments.destdir / DICT}")


if __name__ == "__main__":
    main()
