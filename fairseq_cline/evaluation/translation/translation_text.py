"""The raw text of a data-bin of data_prep.parallel_text, in pieces as the models read it.

Raw text, not the binary splits: another source text is encoded in the same way, and sacreBLEU
needs references that no vocabulary has touched.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from fairseq.data import Dictionary
from fairseq.data.encoders.sentencepiece_bpe import SentencepieceBPE, SentencepieceConfig
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.extras import missing_module
from data_prep.files.lines import text_lines
from fairseq_cline.data.databin_folder import DatabinFolder

_MAKE = "make the data-bin with data_prep.parallel_text"


@dataclass(frozen=True)
class Language:
    """One side of a data-bin: how its text becomes symbols, and symbols text."""

    name: str  # the ending of its files
    dictionary: Dictionary
    pieces: SentencepieceBPE

    def encode(self, line: str) -> Tensor:
        """The symbols (T,) of a raw line; the last is </s>."""
        pieces = self.pieces.encode(line)
        return self.dictionary.encode_line(pieces, add_if_not_exist=False).long()

    def decode(self, symbols: Tensor) -> str:
        """Raw text, as `fairseq-generate --remove-bpe sentencepiece` prints it."""
        return self.dictionary.string(symbols.cpu(), "sentencepiece")


def load_language(data: DatabinFolder, name: str) -> Language:
    """Loads one side of a data-bin.

    Args:
        data: the data-bin.
        name: of the language, which its files end with.

    Raises:
        InputError: the data-bin has no dictionary or SentencePiece model of it.
    """
    dictionary = data.dictionary(f"dict.{name}.txt", "give --data the data-bin of the training")
    files = [f"spm.{name}.model", "spm.model"]
    file = next((file for file in files if os.path.isfile(data.path(file))), None)
    if file is None:
        raise InputError(
            f"{data.path(files[0])} or {files[1]}: no such file, so text in '{name}' can neither be "
            f"cut into pieces nor detokenized; {_MAKE}"
        )
    data.verify(file)
    model = data.path(file)
    line = missing_module("sentencepiece")  # fairseq's own message names no version
    if line is not None:
        raise InputError(line)
    try:
        pieces = SentencepieceBPE(SentencepieceConfig(sentencepiece_model=model))
    except (OSError, RuntimeError) as error:
        raise InputError(f"{model}: not a SentencePiece model; {_MAKE}") from error
    return Language(name, dictionary, pieces)


@dataclass(frozen=True)
class TranslatedText:
    """A split to translate; all lists have one entry a sentence."""

    sources: list[Tensor]
    targets: list[Tensor]
    references: list[str]  # raw targets, for BLEU
    wordings: dict[str, list[Tensor]]  # other texts of the source, by their names
    sha256: dict[str, str]  # SHA-256 of the files, by their names


def load_split(
    data: str,
    split: str,
    source: Language,
    target: Language,
    wordings: Mapping[str, str] | None = None,
    verify: bool = True,
) -> TranslatedText:
    """Reads the raw text of a split.

    Args:
        data: the folder of the data-bin.
        wordings: name -> path of other texts of the source, line by line.
        verify: compare the text of the data-bin with its manifest.

    Raises:
        InputError: a file is missing, is no text, or has another number of lines.
    """
    names = [f"raw/{split}.{side.name}" for side in (source, target)]
    databin = DatabinFolder(data, "translation", verify)
    paths = [databin.path(name) for name in names]
    for path in paths:
        if not os.path.isfile(path):
            raise InputError(
                f"{path}: no such file, and BLEU needs the text before SentencePiece; {_MAKE}, or "
                "give another --split"
            )
    databin.verify(*names)
    wordings = wordings or {}
    texts = {path: _read_lines(path) for path in (*paths, *wordings.values())}
    references = texts[paths[1]]
    for path, lines in texts.items():
        if len(lines) != len(references):
            raise InputError(
                f"{path} has {len(lines):,} lines, {paths[1]} has {len(references):,}; give a text "
                "of the same sentences"
            )
    encoded = {path: [*map(source.encode, texts[path])] for path in (paths[0], *wordings.values())}
    return TranslatedText(
        sources=encoded[paths[0]],
        targets=[*map(target.encode, references)],
        references=references,
        wordings={name: encoded[path] for name, path in wordings.items()},
        sha256={os.path.basename(path): file_sha256(path) for path in texts},
    )


def _read_lines(path: str) -> list[str]:
    lines = [*text_lines(path)]
    if not any(lines):
        raise InputError(f"{path}: no text in it; give another")
    return lines
