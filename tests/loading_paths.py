"""Small checkpoints of each kind, and every way in which this project or fairseq loads them.

All run in this process; a way is a function of a checkpoint.
"""

import inspect
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import fairseq_cli.eval_lm
import fairseq_cli.generate
import fairseq_cli.interactive
import fairseq_cli.train
import fairseq_cli.validate
import torch
import toy_encoders
import toy_language_models
import toy_opinions
import toy_translation
from fairseq import checkpoint_utils, options, tasks
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.models.fairseq_model import BaseFairseqModel
from fairseq.models.roberta import RobertaModel
from toy_checkpoints import save_checkpoint

from fairseq_cline import export
from fairseq_cline.compat import save_dirs
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin as open_classes
from fairseq_cline.evaluation.classifiers.learned_distances import read_distances
from fairseq_cline.evaluation.encoders.pretrained_encoders import load_encoder, open_databin
from fairseq_cline.evaluation.language_models.language_model import load_language_models
from fairseq_cline.evaluation.translation.translation_model import load_translation_models
from fairseq_cline.model_bases.encoder_files import encoder_options_of

Way = Callable[[Path], object]

_TRAIN = ["--cpu", "--optimizer=adam", "--lr=0.01", "--batch-size=8", "--max-update=1", "--no-save"]
_TRAIN += ["--disable-validation", "--num-workers=0", "--log-format=none"]
_ENCODER = ["--max-positions=64", "--tokens-per-sample=64", "--encoder-layers=2"]
_ENCODER += ["--encoder-embed-dim=16", "--encoder-ffn-embed-dim=16", "--encoder-attention-heads=2"]
_OF_CLLD = ["--label-distance=none"]  # else it asks for validations
_CONVOLUTIONS = ["--decoder-layers=[(16, 3)] * 2", "--decoder-embed-dim=16"]
LANGUAGE_MODELS = toy_language_models.KINDS | {
    "convolutional": ["--arch=fconv_lm", *_CONVOLUTIONS, "--adaptive-softmax-cutoff=8,14"],
}
TRANSLATION = toy_translation.KINDS | {
    "convolutional": ["--arch=fconv", *_CONVOLUTIONS, "--encoder-layers=[(16, 3)] * 2"]
    + ["--encoder-embed-dim=16", "--decoder-out-embed-dim=16"],
}
ENCODERS = {name: toy_encoders.KINDS[name] for name in ("cline", "power", "baseline")} | {
    "bert": ["--task=cline_pretrain", "--criterion=cline", "--arch=cline_bert", "--token-types=2"]
    + ["--pooler", "--sentence-feature=mean", "--contrast=infonce", "--consistency-weight=1"],
}
_CLASSIFIER = toy_opinions.CLASSIFIER
CLASSIFIERS = {
    "roberta": [*_CLASSIFIER, "--num-classes=2"],
    "clld": [*_CLASSIFIER, "--task=clld_classification", "--criterion=clld", "--max-epoch=3"],
    "cline": [*_CLASSIFIER, "--num-classes=2", "--arch=cline_roberta_tiny"],
    "text_cnn": ["--task=sentence_prediction", "--criterion=sentence_prediction"]
    + ["--num-classes=2", "--arch=text_cnn", "--embedding-dim=8", "--filters=4"],
}


@dataclass(frozen=True)
class Kind:
    """A checkpoint, and the ways to load it."""

    name: str
    checkpoint: Path
    ways: dict[str, Way]


def kinds(folder: Path, triplets: Path, opinions: Path) -> list[Kind]:
    """Writes an untrained checkpoint of each kind.

    Args:
        triplets: data-bin of triplets.
        opinions: data-bin of a classification.
    """
    (folder / "translation").mkdir()
    texts = toy_language_models.write_lm_databin(folder / "texts")
    pairs = toy_translation.write_databin(folder / "translation")
    made = []

    def make(name: str, words: list[str], ways: dict[str, Way], *training: str) -> None:
        path = folder / f"{name}.pt"
        write_checkpoint(path, words)
        made.append(Kind(name, path, ways | trainings([*words, *training])))

    for name, words in LANGUAGE_MODELS.items():
        words = [str(texts), "--task=language_modeling", "--tokens-per-sample=16", *words]
        words += ["--criterion=adaptive_loss", "--ddp-backend=legacy_ddp"] * any(
            "softmax-cutoff" in word for word in words
        )
        make(f"lm-{name}", words, language_ways(texts))
    for name, words in TRANSLATION.items():
        words = [str(pairs), "--task=translation", "-s=xx", "-t=yy", *words]
        make(f"translation-{name}", words, translation_ways(pairs))
    for name, words in ENCODERS.items():
        words = [str(triplets), *words, *_ENCODER]
        make(f"encoder-{name}", words, encoder_ways(triplets, words[1:3]))
    for name, words in CLASSIFIERS.items():
        ways = classifier_ways(opinions, name)
        make(f"classifier-{name}", [str(opinions), *words], ways, *_OF_CLLD * (name == "clld"))
    for name, write in (
        ("stock", toy_encoders.write_encoder),
        ("old", toy_encoders.write_old_encoder),
    ):
        path = folder / f"encoder-{name}.pt"
        write(path, triplets, *["stock"] * (name == "stock"))
        ways = encoder_ways(triplets, [])
        del ways["fairseq-validate"]  # of triplets it cannot read a text, nor train on it
        made.append(Kind(f"encoder-{name}", path, ways))
    return made


def write_checkpoint(path: Path, words: list[str]) -> None:
    """Writes a model that no training has seen, as fairseq-train would, given these words."""
    words = [*words, "--optimizer=adam"]
    args = options.parse_args_and_arch(options.get_training_parser(), words)
    cfg = convert_namespace_to_omegaconf(args)
    torch.manual_seed(1)
    task = tasks.setup_task(cfg.task)
    save_checkpoint(path, cfg, task.build_model(cfg.model), task.build_criterion(cfg.criterion))


def language_ways(data: Path) -> dict[str, Way]:
    return {
        **_of_any_model(data, "test", BaseFairseqModel, ["--task=language_modeling"]),
        "fairseq-eval-lm": _program(
            fairseq_cli.eval_lm.main, options.get_eval_lm_parser,
            data, "--gen-subset=test", "--tokens-per-sample=16", "--batch-size=8",
        ),
        "load_language_models": lambda path: load_language_models({"x": str(path)}, str(data)),
    }  # fmt: skip


def translation_ways(data: Path) -> dict[str, Way]:
    text = data.parent / "test.xx"
    few = data.parent / "few.xx"
    few.write_text("".join(text.read_text().splitlines(keepends=True)[:2]))
    search = ["--beam=1", "--max-len-b=3", "--batch-size=8"]
    return {
        **_of_any_model(data, "valid", BaseFairseqModel, ["--task=translation"]),
        "fairseq-generate": _program(
            fairseq_cli.generate.main, options.get_generation_parser, data, *search
        ),
        "fairseq-interactive": _program(
            fairseq_cli.interactive.main, options.get_interactive_generation_parser,
            data, "--beam=1", "--max-len-b=3", f"--input={few}",
        ),
        "load_translation_models": lambda path: load_translation_models(
            {"x": str(path)}, str(data)
        ),
    }  # fmt: skip


def encoder_ways(data: Path, words: list[str]) -> dict[str, Way]:
    return {
        **_of_any_model(data, "valid", RobertaModel, words),
        "load_encoder": lambda path: load_encoder(str(path), open_databin(str(data)).dictionary),
        "its sizes": lambda path: encoder_options_of(str(path)),
        "load_encoder, projected": lambda path: load_encoder(
            str(path), open_databin(str(data)).dictionary, DataBin(str(data))
        ),
        "export": _export(data, "fairseq"),
    }


def _export(tokenizer: Path, form: str) -> Way:
    def run(path: Path) -> None:
        made = Path(f"{path}.exported")
        line = [str(path), "--destdir", str(made), "--format", form, "--tokenizer", str(tokenizer)]
        known = dict.fromkeys(("command", "commit", "date"), "")  # git is no work of the file
        try:
            with mock.patch.object(export, "provenance", lambda: known):
                inspect.unwrap(export.main)(line)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    return run


def classifier_ways(data: Path, name: str) -> dict[str, Way]:
    kind = "sentence_prediction" if name != "clld" else "clld_classification"
    words = [f"--task={kind}", f"--criterion={kind.partition('_')[0] if name == 'clld' else kind}"]
    hub = RobertaModel if name != "text_cnn" else BaseFairseqModel
    ways = {
        **_of_any_model(data, "valid", hub, words),
        "load_classifier": lambda path: load_classifier(str(path), open_classes(str(data))),
        "export, huggingface": _export(data, "huggingface"),
        "export, sentence-transformers": _export(data, "sentence-transformers"),
    }
    if name == "clld":
        ways["read_distances"] = lambda path: read_distances(
            str(path), open_classes(str(data)), "x"
        )
    return ways


def _of_any_model(
    data: Path, subset: str, hub: type[BaseFairseqModel], words: list[str]
) -> dict[str, Way]:
    return {
        "load_model_ensemble_and_task": lambda path: checkpoint_utils.load_model_ensemble_and_task(
            [str(path)], {"data": str(data)}
        ),
        "fairseq-validate": lambda path: _validate(data, path, subset, words),
        "from_pretrained": lambda path: _from_pretrained(hub, path, data),
    }


def _from_pretrained(hub: type[BaseFairseqModel], path: Path, data: Path) -> object:
    named = {"bpe": None} if hub is RobertaModel else {}  # not the default, which is downloaded
    return hub.from_pretrained(str(path.parent), path.name, str(data), **named)


def _program(main: Callable, make_parser: Callable, *words: object) -> Way:
    def run(path: Path) -> None:
        line = [*map(str, words), "--path", str(path), "--cpu", "--no-progress-bar"]
        line.append("--num-workers=0")
        main(convert_namespace_to_omegaconf(options.parse_args_and_arch(make_parser(), line)))

    return run


def _validate(data: Path, path: Path, subset: str, words: list[str]) -> None:
    line = [
        str(data),
        *words,
        "--path",
        str(path),
        "--cpu",
        f"--valid-subset={subset}",
        "--batch-size=8",
    ]
    line += ["--num-workers=0", "--no-progress-bar"]
    args, given = (
        options.parse_args_and_arch(
            options.get_validation_parser(), line, suppress_defaults=suppressed
        )
        for suppressed in (False, True)
    )
    fairseq_cli.validate.main(convert_namespace_to_omegaconf(args), override_args=given)


def trainings(words: list[str]) -> dict[str, Way]:
    def start(*flags: str) -> None:
        line = [*words, *_TRAIN, *flags]
        args = options.parse_args_and_arch(options.get_training_parser(), line)
        try:
            fairseq_cli.train.main(convert_namespace_to_omegaconf(args))
        finally:
            save_dirs._leave_to_parent()

    def resume(path: Path) -> None:
        folder = path.parent / f"{path.stem}-resumed"
        folder.mkdir(exist_ok=True)
        shutil.copy(path, folder / "checkpoint_last.pt")
        start("--save-dir", str(folder))

    def from_file(flag: str) -> Way:
        return lambda path: start(flag, str(path), "--save-dir", f"{path}-started")

    flags = ("--restore-file", "--finetune-from-model", "--continue-once")
    return {"resume": resume, **{flag: from_file(flag) for flag in flags}}
