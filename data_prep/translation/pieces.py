"""SentencePiece's BPE pieces of translated text, one model for both languages or one for each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from data_prep.errors import InputError
from data_prep.files.lines import text_lines
from data_prep.files.progress import Bar
from data_prep.tokenizers.sentencepiece_training import train_model
from data_prep.translation.parallel_files import Languages, side

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

SAMPLE = 1_000_000  # lines that SentencePiece learns from; more hardly change its pieces


def train_models(
    prefix: Path, languages: Languages, vocabulary: int, joined: bool, seed: int, folder: Path
) -> list[SentencePieceProcessor]:
    """Trains the model of each language on its file of ``prefix``, and writes it to ``folder``."""
    from sentencepiece import SentencePieceProcessor

    models = []
    for group in [languages] if joined else [(language,) for language in languages]:
        sides = (side(prefix, language) for language in group)
        trained = train_model(
            chain.from_iterable(text_lines(path, f"reading {path.name}") for path in sides),
            vocabulary,
            SAMPLE,
            seed,
            model_type="bpe",
            normalization_rule_name="nmt_nfkc",
            character_coverage=1.0,
        )
        (folder / ("spm.model" if joined else f"spm.{group[0]}.model")).write_bytes(trained)
        models += [SentencePieceProcessor(model_proto=trained)] * len(group)
    return models


def write_pieces(
    sources: Sequence[Path],
    targets: Sequence[Path],
    models: Sequence[SentencePieceProcessor],
    total: int,
    drop_empty: bool,
) -> int:
    """Writes each side of ``total`` pairs as pieces separated by spaces.

    Returns:
        The number of pairs left out because a side has no pieces.

    Raises:
        InputError: no pair is left.
    """
    dropped = 0
    with ExitStack() as files:
        outputs = [files.enter_context(path.open("w", encoding="utf-8")) for path in targets]
        pairs = zip(*map(text_lines, sources), strict=True)
        for pair in Bar(pairs, f"pieces of {targets[0].stem}", total, unit=" pairs"):
            pieces = [
                model.encode(line, out_type=str) for model, line in zip(models, pair, strict=True)
            ]
            if drop_empty and not all(pieces):
                dropped += 1
                continue
            for output, words in zip(outputs, pieces, strict=True):
                output.write(" ".join(words) + "\n")
    if dropped == total:
        raise InputError(
            f"{sources[0]}: none of its lines has a translation in {sources[1]}; give other files"
        )
    return dropped
