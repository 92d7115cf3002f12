"""Small valid inputs of every command and binary, made by the commands themselves, in a second each.

All lie in one folder, ``in``; a command line names them by that. No model has been trained.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from fuzz import published
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from toy_encoders import write_encoder
from toy_language_models import write_lm_checkpoint
from toy_opinions import write_classifier, write_opinions
from toy_reports import classification, of_every_kind, write_files
from toy_translation import write_checkpoint, write_text

from fairseq_cline.compat.text_files import copy_text_files

SENTENCES = [
    "the small house was very good but cold .",
    "old men never buy a new red car .",
    "a quick dog begins to run in the street .",
    "the film was not bad and the end was happy .",
    "she sells big books to a rich man .",
    "they close the window when it is dark outside .",
]
# Beside the sub-word, what GPT-2's two files are in small: all bytes, and a few merges.
MERGES = ["Ġ t", "h e", "Ġt he", "i n", "Ġ a", "o n", "r e"]
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CLASSIFIER = "--task=clld_classification"


def make_inputs(folder: Path, run: Callable[..., None]) -> None:
    """Writes all inputs.

    Args:
        folder: empty; the current folder of the commands.
        run: runs a command line in it, in a process of its own: ``run("data_prep.lm_text", ...)``.
    """
    place = folder / "in"
    place.mkdir()
    lines = [*SENTENCES, "", *reversed(SENTENCES)]
    for split in ("train", "test"):
        (place / f"{split}.txt").write_text("\n".join(lines) + "\n")
    _write_gpt2(place / "gpt2")
    _write_word_pieces(place / "pieces")
    run("data_prep.train_sentencepiece", "in/train.txt", "--destdir", "in/spm", "--vocab-size", 300)
    spm = ("--tokenizer", "in/spm")
    splits = ("--train", "in/train.txt", "--valid", "in/test.txt", "--test", "in/test.txt")
    run(
        *("data_prep.make_triplets", *splits, *spm, "--destdir", "in/triplets"),
        *("--tokens-per-sample", 32),
    )
    run("data_prep.lm_text", *splits, "--destdir", "in/lm")
    _make_translation(place, run)
    _make_classification(place, run)
    write_encoder(place / "cline.pt", place / "triplets", "cline")
    write_encoder(place / "dcl.pt", place / "triplets", "power")
    run(
        "fairseq_cline.export",
        "in/cline.pt",
        "--destdir",
        "in/hub",
        "--format",
        "huggingface",
        *spm,
    )
    for name in ("README.md", "special_tokens_map.json", "tokenizer_config.json"):
        (place / "hub" / name).unlink()  # which no import reads
    write_lm_checkpoint(place / "lm.pt", place / "lm", "adaptive")
    _name_task(place / "lm.pt", "atcl_lm")
    _write_reports(place)
    published.write_all(place)


def _write_gpt2(folder: Path) -> None:
    folder.mkdir()
    symbols = [
        *sorted(pre_tokenizers.ByteLevel.alphabet()),
        *(merge.replace(" ", "") for merge in MERGES),
    ]
    (folder / "encoder.json").write_text(
        json.dumps({symbol: k for k, symbol in enumerate(symbols)})
    )
    (folder / "vocab.bpe").write_text("#version: 0.2\n" + "\n".join(MERGES) + "\n")
    (folder / "dict.txt").write_text("".join(f"{k} 1\n" for k in range(len(symbols))))


def _write_word_pieces(folder: Path) -> None:
    """A tokenizer.json of the words of the sentences, and its dictionary."""
    words = sorted({word for line in SENTENCES for word in line.split()})
    letters = sorted({letter for word in words for letter in word})
    symbols = [*words, *(letter for letter in letters if letter not in words)]
    symbols += [f"##{letter}" for letter in letters]
    numbers = {symbol: k for k, symbol in enumerate([*SPECIALS, *symbols])}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(symbol, numbers[symbol]) for symbol in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.BertProcessing(ends[1], ends[0])
    tokenizer.add_special_tokens(SPECIALS)
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "dict.txt").write_text("".join(f"{symbol} 1\n" for symbol in symbols))


def _make_translation(place: Path, run: Callable[..., None]) -> None:
    (place / "raw").mkdir()
    for seed, (split, sentences) in enumerate({"train": 40, "valid": 5, "test": 6}.items()):
        write_text(place / "raw", split, sentences, seed)
    run(
        *("data_prep.parallel_text", "--source-lang", "xx", "--target-lang", "yy"),
        *("--train", "in/raw/train", "--valid", "in/raw/valid", "--test", "in/raw/test"),
        *("--destdir", "in/mt", "--vocab-size", 100, "--joined-dictionary"),
    )
    write_checkpoint(place / "mt.pt", place / "mt", "shared", updates=0)
    _name_task(place / "mt.pt", "atcl_translation")


def _name_task(checkpoint: Path, name: str) -> None:
    """Makes a checkpoint one of the plug-in's tasks: stock ones do not verify their data."""
    state = torch.load(checkpoint, weights_only=True)
    state["cfg"]["task"]["_name"] = name
    torch.save(state, checkpoint)


def _make_classification(place: Path, run: Callable[..., None]) -> None:
    (place / "opinions").mkdir()
    for seed, (split, examples) in enumerate({"train": 24, "valid": 8, "test": 8}.items()):
        write_opinions(place / "opinions" / f"{split}.tsv", examples, seed)
    names = {split: f"in/opinions/{split}.tsv" for split in ("train", "valid", "test")}
    splits = [word for split, name in names.items() for word in (f"--{split}", name)]
    spm = ("--tokenizer", "in/spm")
    run("data_prep.text_classification", *splits, *spm, "--destdir", "in/classes")
    run("data_prep.text_classification", *splits, "--words", "--destdir", "in/words")
    write_classifier(place / "classifier.pt", place / "classes", "--num-classes=2")
    (place / "trained").mkdir()  # as a training leaves it
    copy_text_files(str(place / "classes"), str(place / "trained"))
    shutil.copy(place / "classifier.pt", place / "trained" / "model.pt")
    clld = place / "clld.pt"
    write_classifier(clld, place / "classes", CLASSIFIER, "--criterion=clld", "--max-epoch=3")
    state = torch.load(clld, weights_only=True)
    for part, value in (("matrix", [[1.0, 3.0], [3.0, 1.0]]), ("updates", 2), ("validations", 3)):
        state["criterion"][f"label_distance.{part}"].copy_(torch.tensor(value))
    torch.save(state, clld)
    (place / "sets.tsv").write_text(
        "a\toriginal\tgood\tthe film was fine\na\tcontrast\tbad\tthe film was dull\n"
        "b\toriginal\tbad\tthe music was weak\nb\tcontrast\tgood\tthe music was warm\n"
    )
    (place / "changed").mkdir()
    (place / "changed" / "typo.original.tsv").write_text("good\tfine film\nbad\tdull film\n")
    (place / "changed" / "typo.tsv").write_text("good\tfine flim\nbad\tdull flim\n")
    (place / "pairs.tsv").write_text("bad\tgood\t5\n")
    vectors = "".join(f"{word} 0.1 0.2 -0.3 0.4\n" for word in ("film", "story", "dull", "fine"))
    (place / "vectors.txt").write_text(vectors)
    run(
        *("fairseq_cline.evaluation.adversarial", "a=in/classifier.pt", "--data", "in/classes"),
        *("--attack", "pwws", "--split", "train", "--limit", 30, "--cpu", "--logs", "in/attacks"),
    )


def _write_reports(place: Path) -> None:
    write_files(place / "reports", of_every_kind("a model"))
    valid = classification("a", 50.0)
    valid["split"]["name"] = "valid"
    seeds = {f"seed{k}.json": classification("a", 50.0 + k) for k in (1, 2)}
    write_files(place / "results", {"valid.json": valid, **seeds})
    row = {"name": "cline", "checkpoint": "lr/a.pt", "candidates": []}
    for name in ("original", "contrast", "consistency"):
        row[name] = {"value": 94.0, "standard_error": 1.0}
    contrast = {"kind": "contrast_sets", "format": 1, "split": {"sets": 8, "examples": 16}}
    seeds = {
        f"imdb/share-1/seed{k}/contrast.json": contrast
        | {"checkpoints": [row | {"sha256": str(k)}]}
        for k in (1, 2)
    }
    write_files(place / "tables", seeds)
