"""Turn labelled text into a data-bin for fairseq's ``--task sentence_prediction``.

Example, with the tokenizer and the dictionary that the encoder was pre-trained with::

    python -m data_prep.text_classification --train train.tsv --test test.tsv \\
        --sentencepiece-model spm/spm.model --dict spm/dict.txt --destdir data-bin/mr

A file has an example a line: ``label<TAB>text``, or ``label<TAB>text<TAB>second text``. The result:

    input0/, input1/   the texts in sub-words (input1 for pairs), with the encoder's dict.txt
    label/             the labels; its dict.txt has the names of train, sorted
                       (--regression: numbers, a line each, in {split}.label)
    raw/{split}.tsv    the examples as text
    spm.model, or encoder.json and vocab.bpe: the tokenizer, so that other text can be encoded

Without --valid, a share of the training examples, drawn at random, becomes the validation split.

Nothing is cut here. What an encoder of --max-positions 512 cannot read is counted: with
``--shorten-method truncate`` fairseq-train cuts its end off; without, it leaves such an example out
of training with a warning, and ends with an error when one is in the validation split.
"""

from __future__ import annotations

import argparse
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from fairseq.data import Dictionary, indexed_dataset
from tqdm import tqdm

from data_prep.binarize import DESTDIR_HELP, aligned, check_new, new_folder
from data_prep.classification_splits import read_splits
from data_prep.corpus import InputError
from data_prep.labelled_text import Example, write_examples
from data_prep.subwords import SubwordEncoder, load_encoder
from data_prep.tokenizer_options import add_tokenizer_options, tokenizer_files

MAX_POSITIONS = 512
"""Of RoBERTa-like encoders."""
_TOKENIZER_NAMES = {"sentencepiece": ("spm.model",), "gpt2": ("encoder.json", "vocab.bpe")}


@dataclass(frozen=True)
class Options:
    """How a data-bin is made of the texts."""

    tokenizer: tuple[str, ...]
    """Files of the tokenizer, its fairseq dictionary last."""
    regression: bool = False
    valid_share: float = 0.1
    """Of the training examples, when no validation split is given."""
    seed: int = 1
    """Of that draw."""


@dataclass(frozen=True)
class Summary:
    """What a data-bin holds."""

    classes: dict[str, Counter[str]]
    """Split -> label -> examples; of a regression, split -> nothing."""
    lengths: dict[str, list[int]]
    """Split -> tokens of each example, <s> and the </s> of each text and between a pair counted."""
    unknown: dict[str, int]
    """Split -> tokens that are <unk>."""
    drawn: bool
    """Whether the validation split comes from the training file."""


def build_databin(texts: Mapping[str, Path], destdir: Path, options: Options) -> Summary:
    """Make a data-bin, all or nothing.

    Args:
        texts: split -> file; without ``valid``, a share of ``train`` becomes that split.
        destdir: the folder to make; it must not exist, or be empty.

    Raises:
        InputError: a file or an option is wrong, or ``destdir`` exists.
    """
    check_new(destdir)
    encoder = load_encoder(options.tokenizer)
    splits, labels = read_splits(texts, options.regression, options.valid_share, options.seed)
    *tokenizer, dictionary = options.tokenizer
    inputs = [f"input{k}" for k in range(len(splits["train"][0].texts))]
    lengths, unknown = {}, {}
    with new_folder(destdir) as folder:
        for name in (*inputs, "label", "raw"):
            (folder / name).mkdir()
        for name in inputs:
            shutil.copyfile(dictionary, folder / name / "dict.txt")
        for source, name in zip(tokenizer, _TOKENIZER_NAMES[encoder.kind], strict=True):
            shutil.copyfile(source, folder / name)
        for split, examples in splits.items():
            write_examples(folder / "raw" / f"{split}.tsv", examples)
            prefixes = [folder / name / split for name in inputs]
            lengths[split], unknown[split] = write_texts(examples, prefixes, encoder)
        write_labels(splits, labels, folder / "label", options.regression)
    return Summary(
        classes={
            split: Counter() if options.regression else Counter(e.label for e in examples)
            for split, examples in splits.items()
        },
        lengths=lengths,
        unknown=unknown,
        drawn="valid" not in texts,
    )


def write_texts(
    examples: Sequence[Example], prefixes: Sequence[Path], encoder: SubwordEncoder
) -> tuple[list[int], int]:
    """Write one binary data set for each text of an example.

    Returns:
        The length of each example in tokens, and how many tokens are <unk>.
    """
    size = len(encoder.dictionary)
    builders = [
        indexed_dataset.make_builder(f"{prefix}.bin", impl="mmap", vocab_size=size)
        for prefix in prefixes
    ]

    @lru_cache(maxsize=1 << 18)
    def ids_of(chunk: str, first: bool) -> list[int]:
        return encoder.encode(chunk, (0, 0), first).ids

    lengths, unknown = [], 0
    for example in tqdm(examples, desc=prefixes[0].name, unit=" examples"):
        length = len(builders)  # <s>, and the </s> between a pair
        for builder, text in zip(builders, example.texts, strict=True):
            chunks = [ids_of(chunk, k == 0) for k, chunk in enumerate(text.split())]
            ids = [*(i for chunk in chunks for i in chunk), encoder.dictionary.eos()]
            builder.add_item(torch.IntTensor(ids))
            length += len(ids)
            unknown += ids.count(encoder.dictionary.unk())
        lengths.append(length)
    for builder, prefix in zip(builders, prefixes, strict=True):
        builder.finalize(f"{prefix}.idx")
    return lengths, unknown


def write_labels(
    splits: Mapping[str, Sequence[Example]], labels: Sequence[str], folder: Path, regression: bool
) -> None:
    """Write what ``sentence_prediction`` takes for targets."""
    if regression:
        for split, examples in splits.items():
            lines = "".join(f"{example.label}\n" for example in examples)
            (folder / f"{split}.label").write_text(lines, encoding="utf-8")
        return
    dictionary = Dictionary()
    counts = Counter(example.label for example in splits["train"])
    for label in labels:
        dictionary.add_symbol(label, counts[label])
    dictionary.save(str(folder / "dict.txt"))
    for split, examples in splits.items():
        prefix = str(folder / split)
        builder = indexed_dataset.make_builder(
            f"{prefix}.bin", impl="mmap", vocab_size=len(dictionary)
        )
        for example in examples:
            builder.add_item(torch.IntTensor([dictionary.index(example.label), dictionary.eos()]))
        builder.finalize(f"{prefix}.idx")


def describe(summary: Summary, options: Options) -> str:
    """What the data-bin holds, for the eye, and the options of fairseq-train that it needs."""
    rows = [["split", "examples", "mean tokens", "longest", f"over {MAX_POSITIONS}", "<unk>"]]
    for split, lengths in summary.lengths.items():
        tokens, over = sum(lengths), sum(length > MAX_POSITIONS for length in lengths)
        unknown = f"{summary.unknown[split] / tokens:.3%}"
        rows.append([split, f"{len(lengths):,}", f"{tokens / len(lengths):.1f}"])
        rows[-1] += [f"{max(lengths):,}", f"{over:,}", unknown]
    lines = [aligned(rows)]
    if summary.drawn:
        lines.append(f"valid: drawn from the training file with seed {options.seed}")
    if options.regression:
        lines.append("fairseq-train: --num-classes 1 --regression-target")
    else:
        labels = sorted(summary.classes["train"] | summary.classes["valid"])
        lines.append(
            f"classes ({'/'.join(summary.classes)}): "
            + ", ".join(_class(label, summary) for label in labels)
        )
        lines.append(f"fairseq-train: --num-classes {len(labels)}")
    lines[-1] += " --init-token 0 --separator-token 2 --shorten-method truncate"
    return "\n".join(lines)


def _class(label: str, summary: Summary) -> str:
    return f"{label} " + "/".join(f"{counts[label]:,}" for counts in summary.classes.values())


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that makes such a data-bin, but for its texts."""
    parser.add_argument("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    add_tokenizer_options(parser)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="text_classification",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--train", type=Path, required=True, metavar="FILE")
    parser.add_argument("--valid", type=Path, metavar="FILE", help="(default: drawn from --train)")
    parser.add_argument(
        "--test",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="test sets; they become test, test1, test2, ...",
    )
    add_options(parser)
    parser.add_argument(
        "--valid-share",
        type=float,
        default=0.1,
        metavar="S",
        help="of the training examples, 0 to 1, without --valid (default: 0.1)",
    )
    parser.add_argument("--seed", type=int, default=1, help="of that draw (default: 1)")
    parser.add_argument(
        "--regression", action="store_true", help="labels are numbers, not names of classes"
    )
    arguments = parser.parse_args(argv)
    texts = {"train": arguments.train, "valid": arguments.valid}
    texts |= {f"test{k or ''}": path for k, path in enumerate(arguments.test)}
    try:
        options = Options(
            tokenizer_files(arguments),
            arguments.regression,
            arguments.valid_share,
            arguments.seed,
        )
        given = {split: path for split, path in texts.items() if path}
        summary = build_databin(given, arguments.destdir, options)
    except (InputError, OSError) as error:
        parser.exit(1, f"text_classification: error: {error}\n")
    print(describe(summary, options))


if __name__ == "__main__":
    main()
