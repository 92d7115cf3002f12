"""Training of SentencePiece models, and the fairseq dictionary of one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from data_prep.errors import InputError
from data_prep.files.bounded_lines import MAX_LINE_BYTES
from data_prep.files.progress import Bar
from data_prep.files.text_units import stream_lines, total_bytes
from data_prep.files.whole import check_new, new_folder, write_text

MODEL, DICT = "spm.model", "dict.txt"


def _sentences(files: list[str]) -> Iterator[str]:
    with Bar(total=total_bytes(files), unit="B", unit_scale=True, desc="reading") as bar:
        for line, consumed in stream_lines(files):
            bar.update(consumed - bar.n)
            if line:
                yield line


def train_model(
    sentences: Iterable[str], vocabulary: int, sample: int, seed: int, **settings: Any
) -> bytes:
    """A SentencePiece model as the bytes of its file.

    Args:
        vocabulary: number of pieces.
        sample: train on at most so many sentences, drawn at random.
        seed: of that draw.
        settings: more options of SentencePiece's trainer.

    Raises:
        InputError: the text is too small for the vocabulary, or there is none.
    """
    import sentencepiece

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
        raise InputError(
            f"SentencePiece cannot train {vocabulary} pieces on this text ({_reason(str(error))}"
        ) from error
    return written.getvalue()


def _reason(message: str) -> str:
    """SentencePiece's reason and what to do about it, without names of its source files."""
    if most := re.search(r"set it to a value <= (\d+)", message):
        return f"it has {most[1]}); give --vocab-size {most[1]} at most, or more text"
    if least := re.search(r"smaller than required_chars. \d+ vs (\d+)", message):
        return f"its characters need {least[1]}); give --vocab-size {least[1]} at least"
    return " ".join(message.split()) + "); give more text or a smaller --vocab-size"


def train(files: list[str], destdir: Path, vocabulary: int, sample: int, seed: int) -> int:
    """Writes ``spm.model`` and ``dict.txt``, both or none, and gives the number of pieces.

    A small text has fewer pieces than asked for: then all that it has. Text is not normalized and unknown characters become bytes, so that decoding gives back the
    text.

    Args:
        files: text, as ``text_units.input_files`` gives them.
        destdir: the folder to make; it must not exist, or be empty.
        vocabulary: number of pieces, at most.
        sample: train on at most so many lines, drawn at random.
        seed: of that draw.

    Raises:
        InputError: the vocabulary is too small for the characters of the text, or there is no
            text; or ``destdir`` exists.
    """
    from sentencepiece import SentencePieceProcessor

    check_new(destdir)
    trained = train_model(
        _sentences(files),
        vocabulary,
        sample,
        seed,
        model_type="unigram",
        normalization_rule_name="identity",
        byte_fallback=True,
        hard_vocab_limit=False,
    )
    model = SentencePieceProcessor(model_proto=trained)
    pieces = (i for i in range(model.get_piece_size()) if not model.is_control(i))
    symbols = [model.id_to_piece(i) for i in pieces if i != model.unk_id()]
    with new_folder(destdir) as folder:
        (folder / MODEL).write_bytes(trained)
        write_text(folder / DICT, "".join(f"{symbol} 1\n" for symbol in symbols))
    return model.get_piece_size()
