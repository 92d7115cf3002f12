"""Every recipe of run/, run for real at toy size: tiny models, a few updates, local text."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from dry_runs import RECIPES, ROOT
from served_programs import served_programs
from toy_encoders import write_encoder
from toy_opinions import write_opinions
from toy_translation import write_text

from data_prep.classification.examples import read_labeled_text
from data_prep.classification.labeled_databin import Options, build_databin
from data_prep.files.manifests import write_manifest
from data_prep.tokenizers.sentencepiece_training import train
from data_prep.tokenizers.subwords import load_encoder
from data_prep.translation.pair_databin import build_databin as build_pairs
from data_prep.triplets.databin_writer import write_word_beginnings

pytestmark = pytest.mark.binaries
SENTENCES = ["The old man was happy.", "A small dog sleeps in the warm house.", "They never lose."]
SENTENCES += ["The young woman bought a large car.", "It is easy to begin and hard to end."]
OPINIONS = [("Negative", "awful"), ("Positive", "lovely")]
STS = "\n".join(
    f"main\tx\ty\t{k}\t{k % 5}.0\ta dog number {k}\ta cat number {k % 3}" for k in range(8)
)
SIZES = {"layers": 1, "embed-dim": 16, "ffn-embed-dim": 16, "attention-heads": 2}
ENCODER, DECODER = (
    [word for name, size in SIZES.items() for word in (f"--{side}-{name}", str(size))]
    for side in ("encoder", "decoder")
)
LM = [*DECODER, "--decoder-input-dim", "16", "--decoder-output-dim", "16"]
LM += ["--adaptive-softmax-cutoff", "10,20"]
CPU = ["--cpu", "--num-workers", "0"]
ONE = ["--max-update", "1", *CPU]


class Run(NamedTuple):
    """Variables of a recipe, in which {toy} is the folder of toy data; and what it must leave."""

    variables: dict[str, str]
    options: list[str]
    results: list[str]
    there: list[str] = []  # noqa: RUF012  what is copied to OUT before: it leaves alone what is there


RUNS = {
    "cline_encoder": Run(
        {"ENCODER": "{toy}/encoder", "TEXT": "{toy}/text", "ROWS": "best without-batch", "UPDATES": "2"},
        [], ["seed1/hits.json", "seed1/similarity.png"], ["definitions.csv"],
    ),
    "cline_pretrain": Run(
        {"DATA": "{toy}/triplets", "ENCODER": "{toy}/encoder"},
        ["--update-freq", "1", "--tokens-per-sample", "64", *ONE], ["checkpoint_last.pt"],
    ),
    "cline_tables": Run(
        {"CHECKPOINTS": "a={toy}/encoder/model.pt", "TOKENIZER": "{toy}/encoder", "TEXT": "{toy}/tasks",
         "LEARNING_RATES": "1e-4", "ATTACK": "pwws", "ATTACK_LIMIT": "2", "EPOCHS": "1"},
        ONE, ["tables.md", "mr/share-1/seed1/attack-pwws.json"],
    ),
    "clld": Run(
        {"TEXT": "{toy}/tasks", "ARCHS": "text_cnn", "EPOCHS": "1",
         "ROWS": "plain static adaptive"},
        [*CPU, "--max-update", "2"], ["mr/text_cnn/test.md"],
    ),
    "dcl_pretrain": Run(
        {"DATA": "{toy}/triplets", "ENCODER": "{toy}/encoder"},
        ["--update-freq", "1", "--tokens-per-sample", "64", *ONE], ["checkpoint_last.pt"],
    ),
    "dcl_wordnet": Run(
        {"TEXT": "{toy}/tasks", "ROWS": "power", "UPDATES": "1", "EPOCHS": "1"},
        [], ["u1-seed1/representation.json", "u1-seed1/mr-invariance.json"], ["text", "spm"],
    ),
    "freelb": Run(
        {"ENCODER": "{toy}/encoder", "DATA": "{toy}/opinions"}, ONE, ["seed1/freelb/test.json"]
    ),
    "from_scratch": Run({"UPDATES": "1"}, [], ["seed1-updates1/hits.json"], ["text", "spm"]),
    "glue": Run(
        {"ENCODER": "{toy}/encoder", "DATA": "{toy}/glue", "TASKS": "CoLA"}, ONE,
        ["CoLA/seed1/valid.json"],
    ),
    "iwslt17": Run(
        {"DATA": "{toy}", "PAIRS": "en-de", "ROWS": "baseline atcl-n5"},
        [*ENCODER, *DECODER, *ONE, "--save-interval-updates", "1"],
        ["en-de/translations/baseline.json"],
    ),
    "lm_brown": Run(
        {"TEXT": "{toy}/text", "ROWS": "baseline atcl-semantic", "ARCHS": "transformer_lm",
         "UPDATES": "1"},
        LM, ["transformer_lm-u1-seed1/test.json"],
    ),
    "lm_ptb": Run(
        {"DATA": "{language}", "ROWS": "atcl-n5", "UPDATES": "1"}, [*LM[:-2], *CPU],
        ["atcl-n5/checkpoint_best.pt"],
    ),
    "lm_wikitext103": Run(
        {"DATA": "{language}", "ROWS": "atcl-n5", "UPDATES": "1"},
        [*LM, "--adaptive-input-cutoff", "10,20", *CPU],
        ["atcl-n5/checkpoint_best.pt"],
    ),
    "multi30k": Run(
        {"TEXT": "{toy}/multi30k", "ROWS": "baseline atcl-n5", "UPDATES": "1"},
        [*ENCODER, *DECODER], ["en-de-u1-seed1/robustness.json"], ["data-bin.en-de"],
    ),
    "own_corpus": Run({"TEXT": "{toy}/own.txt", "UPDATES": "1"}, [], ["seed1-updates1-cline/hits.json"]),
    "quickstart": Run(
        {"ENCODER": "{toy}/encoder", "UPDATES": "1"}, [], ["seed1-updates1/exported/README.md"],
        ["text", "definitions.csv"],
    ),
    "robustness": Run(
        {"TEXT": "{toy}", "ROWS": "cline", "START": "1", "UPDATES": "1", "EPOCHS": "1",
         "METHODS": "freelb", "ATTACK_LIMIT": "1"},
        [], ["updates1-1/fine-tuned-epochs1/tables.md"], ["text"],
    ),
    "snli": Run(
        {"ENCODER": "{toy}/encoder", "DATA": "{toy}/opinions"}, ["--num-classes", "2", *ONE],
        ["seed1/test.json"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def toy(tmp_path_factory, language_databin) -> Path:
    """Everything that recipes read, under the names that RUNS has."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "text").mkdir()
    for split, repeats in (("train", 12), ("valid", 3), ("test", 3)):
        (folder / f"text/{split}.txt").write_text("\n".join(SENTENCES * repeats) + "\n")
    (folder / "own.txt").write_text("\n".join(SENTENCES * 42) + "\n")
    (folder / "definitions.csv").write_text(STS + "\n")

    tables = folder / "tasks/mr"
    tables.mkdir(parents=True)
    texts = {
        split: write_opinions(tables / f"{split}.tsv", 24, seed)
        for seed, split in enumerate(("train", "valid", "test"))
    }
    for split in ("train", "dev", "test"):
        rows = [
            f"{label}\tthe film was {word} , the music {word} {number}\t{number}"
            for number in range(12)
            for label, word in OPINIONS[:: 1 if number % 2 else -1]  # the original comes first
        ]
        (folder / f"{split}_paired.tsv").write_text("\n".join(["Sentiment\tText\tbatch_id", *rows]))

    encoder = folder / "encoder"
    train([str(folder / "text/train.txt"), str(texts["train"])], encoder, 400, 1000, 1)
    (folder / "spm").symlink_to(encoder)
    write_word_beginnings(encoder, load_encoder(encoder))
    tokenizer = {"type": load_encoder(encoder).kind, "sha256": load_encoder(encoder).sha256}
    write_manifest(encoder, "cline-triplets", 1, splits={}, tokenizer=tokenizer)
    write_encoder(encoder / "model.pt", encoder, "cline", max_positions=512)
    examples = {split: read_labeled_text(path) for split, path in texts.items()}
    build_databin(examples, folder / "opinions", Options(encoder))
    (folder / "glue").mkdir()
    (folder / "glue/CoLA").symlink_to(folder / "opinions")

    (folder / "multi30k").mkdir()
    for split, name in (("train", "train"), ("valid", "val"), ("test", "test_2016_flickr")):
        write_text(folder / "multi30k", name, 6, len(split))
        for one, other in (("xx", "en"), ("yy", "de")):
            (folder / f"multi30k/{name}.{one}").rename(folder / f"multi30k/{name}.{other}")
    pairs = {"train": "train", "valid": "val", "test": "test_2016_flickr"}
    pairs = {split: folder / "multi30k" / name for split, name in pairs.items()}
    build_pairs(("en", "de"), pairs, folder / "data-bin.en-de", vocabulary=130, joined=True)
    (folder / "iwslt17.en-de").symlink_to(folder / "data-bin.en-de")
    return folder


@pytest.fixture(scope="module")
def programs(binaries, tmp_path_factory) -> Iterator[Path]:
    with served_programs(tmp_path_factory.mktemp("programs") / "bin", binaries) as folder:
        yield folder


def test_no_recipe_is_missing():
    no_training = {"evaluate_translation", "wheelhouse"}  # multi30k runs the former
    assert {path.stem for path in RECIPES} - no_training == {*RUNS}
    assert "evaluate_translation.sh" in (ROOT / "run/multi30k.sh").read_text()


@pytest.mark.parametrize("name", RUNS)
def test_a_recipe_runs(toy, programs, databin, language_databin, tmp_path, name):
    run, out = RUNS[name], tmp_path / "out"
    out.mkdir()
    for there in run.there:
        (out / there).symlink_to(toy / there)
    places = {"toy": str(toy), "language": str(language_databin)}
    variables = {key: value.format(**places) for key, value in run.variables.items()}
    if variables.get("DATA", "").endswith("/triplets"):
        variables["DATA"] = str(databin)
        variables["ENCODER"] = str(write_encoder(tmp_path / "model.pt", databin, "cline", 512))
    recipe = ROOT / "run" / f"{name}.sh"
    if "take SEEDS" in recipe.read_text():
        variables["SEEDS"] = "1"
    done = subprocess.run(
        ["bash", str(recipe), *run.options],
        env={
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": os.environ["HOME"],
            "FAIRSEQ_CLINE_PYTHON": str(programs / "python"),
            "PYTHONPATH": str(ROOT),
            "OUT": str(out),
            **variables,
        },
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for result in run.results:
        assert (out / result).is_file(), sorted(str(path) for path in out.rglob("*"))
