"""The data-bin of labeled text that ``--task sentence_prediction`` reads, and its contents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from fairseq.data import Dictionary, indexed_dataset

from data_prep.classification.examples import Example, LabeledText, write_examples
from data_prep.classification.splits import Draws, read_splits
from data_prep.fairseq_format.dictionaries import save_dictionary
from data_prep.files.manifests import write_manifest
from data_prep.files.name_lists import listed, shortened
from data_prep.files.progress import Bar
from data_prep.files.text_tables import aligned
from data_prep.files.whole import check_new, new_folder
from data_prep.tokenizers.text_encoders import TextEncoder, Tokenizer, WordTexts, text_encoder
from data_prep.tokenizers.tokenizer_folders import DICT

MAX_POSITIONS = 512
"""Longest example in tokens that a RoBERTa-like encoder reads."""
GENERATOR = 3  # raised by every change of this package that changes the files of a text
_BATCH = 1000  # examples that are encoded at once


@dataclass(frozen=True)
class Options:
    """Choices on how a data-bin is made of the texts."""

    tokenizer: Tokenizer
    regression: bool = False
    draws: Draws = field(default_factory=Draws)


@dataclass(frozen=True)
class Summary:
    """Contents of a data-bin."""

    classes: dict[str, Counter[str]]
    """Split -> label -> number of examples; no label in a regression."""
    lengths: dict[str, list[int]]
    """Split -> length of each example in tokens, with <s>, the </s> of each text, and the </s> that
    separates a pair."""
    unknown: dict[str, float]
    """Split -> share of the words or pieces that are <unk>."""
    vocabulary: int
    """Symbols of the texts' dictionary, special ones included."""
    drawn: bool
    """Whether the validation split comes from the training file."""
    in_words: bool
    """Whether the texts are in words, not in sub-words."""


def build_databin(texts: Mapping[str, LabeledText], destdir: Path, options: Options) -> Summary:
    """Makes a data-bin, whole or not at all.

    Args:
        texts: split -> its text; without ``valid``, a share of ``train`` becomes that split.
        destdir: the folder to make; it must not exist, or be empty.

    Raises:
        InputError: a text or an option is wrong, or there is something at ``destdir`` already.
    """
    check_new(destdir)
    splits, labels = read_splits(texts, options.regression, options.draws)
    encoder = text_encoder(
        options.tokenizer, (text for example in splits["train"] for text in example.texts)
    )
    inputs = [f"input{k}" for k in range(len(splits["train"][0].texts))]
    lengths, unknown = {}, {}
    with new_folder(destdir) as folder:
        for name in (*inputs, "label", "raw"):
            (folder / name).mkdir()
        for name in inputs:
            save_dictionary(encoder.dictionary, folder / name / DICT)
        encoder.save(folder)
        for split, examples in splits.items():
            write_examples(folder / "raw" / f"{split}.tsv", examples)
            prefixes = [folder / name / split for name in inputs]
            lengths[split], unknown[split] = write_texts(examples, prefixes, encoder)
        write_labels(splits, labels, folder / "label", options.regression)
        write_manifest(folder, "classification", GENERATOR)
    return Summary(
        classes={
            split: Counter() if options.regression else Counter(e.label for e in examples)
            for split, examples in splits.items()
        },
        lengths=lengths,
        unknown=unknown,
        vocabulary=len(encoder.dictionary),
        drawn="valid" not in texts,
        in_words=isinstance(encoder, WordTexts),
    )


def write_texts(
    examples: Sequence[Example], prefixes: Sequence[Path], encoder: TextEncoder
) -> tuple[list[int], float]:
    """Writes one binary data set for each text of an example.

    Returns:
        The length of each example in tokens, and the share of its words or pieces that are <unk>.
    """
    size = len(encoder.dictionary)
    builders = [
        indexed_dataset.make_builder(f"{prefix}.bin", impl="mmap", vocab_size=size)
        for prefix in prefixes
    ]
    lengths, tokens, unknown = [], 0, 0
    with Bar(total=len(examples), desc=prefixes[0].name, unit=" examples") as bar:
        for begin in range(0, len(examples), _BATCH):
            batch = examples[begin : begin + _BATCH]
            texts = zip(*(example.texts for example in batch), strict=True)
            for encoded in zip(*map(encoder.encode_texts, texts), strict=True):
                length = len(builders)  # <s>, and the </s> between a pair
                for builder, ids in zip(builders, encoded, strict=True):
                    builder.add_item(torch.IntTensor([*ids, encoder.dictionary.eos()]))
                    length += len(ids) + 1
                    tokens += len(ids)
                    unknown += ids.count(encoder.dictionary.unk())
                lengths.append(length)
            bar.update(len(batch))
    for builder, prefix in zip(builders, prefixes, strict=True):
        builder.finalize(f"{prefix}.idx")
    return lengths, unknown / max(tokens, 1)


def write_labels(
    splits: Mapping[str, Sequence[Example]], labels: Sequence[str], folder: Path, regression: bool
) -> None:
    """Writes the labels as the targets that ``sentence_prediction`` reads."""
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
    """The contents of a data-bin, for the eye, and the options of fairseq-train that it needs."""
    rows = [["split", "examples", "mean tokens", "longest", f"over {MAX_POSITIONS}", "<unk>"]]
    for split, lengths in summary.lengths.items():
        mean, over = sum(lengths) / len(lengths), sum(length > MAX_POSITIONS for length in lengths)
        rows.append([split, f"{len(lengths):,}", f"{mean:.1f}", f"{max(lengths):,}", f"{over:,}"])
        rows[-1].append(f"{summary.unknown[split]:.3%}")
    draws = options.draws
    lines = [aligned(rows), f"dictionary: {summary.vocabulary:,} symbols"]
    if summary.drawn:
        lines.append(f"valid: drawn from the training file with seed {draws.seed}")
    if draws.train_share < 1:
        lines.append(f"train: a share of {draws.train_share:g}, drawn with seed {draws.seed}")
    if options.regression:
        lines.append("fairseq-train: --num-classes 1 --regression-target")
    else:
        labels = sorted(summary.classes["train"] | summary.classes["valid"])
        classes = listed(_class(label, summary) for label in labels)
        lines.append(f"classes ({'/'.join(summary.classes)}): {classes}")
        lines.append(f"fairseq-train: --num-classes {len(labels)}")
    if summary.in_words:
        lines[-1] += " --separator-token 2 --shorten-method truncate"
        lines.append(
            "  and --init-token 0 for an encoder that reads the first place (not text_cnn)"
        )
    else:
        lines[-1] += " --init-token 0 --separator-token 2 --shorten-method truncate"
    return "\n".join(lines)


def _class(label: str, summary: Summary) -> str:
    return f"{shortened(label)} " + "/".join(
        f"{counts[label]:,}" for counts in summary.classes.values()
    )
