"""Hits through the command line, and its counts against one triplet at a time."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from fairseq import options
from fairseq.data import Dictionary
from fairseq.tasks.masked_lm import MaskedLMConfig, MaskedLMTask

from data_prep.errors import InputError
from fairseq_cline.evaluation import hits
from fairseq_cline.evaluation.encoders import triplet_scores as triplets
from tests.evaluation.encoders.test_bert_score import slow_bert_score

REPOSITORY = Path(__file__).resolve().parents[2]
CPU = torch.device("cpu")


def write_checkpoint(path, databin, arch):
    """An untrained model in the form of fairseq 0.10: its arguments in a namespace."""
    sizes = ["layers=2", "embed-dim=16", "ffn-embed-dim=16", "attention-heads=2"]
    args = options.parse_args_and_arch(
        options.get_training_parser("masked_lm"),
        [str(databin), "--criterion=masked_lm", f"--arch={arch}", "--tokens-per-sample=64"]
        + [f"--encoder-{size}" for size in sizes],
    )
    torch.manual_seed(1)
    dictionary = Dictionary.load(str(databin / "dict.txt"))
    model = MaskedLMTask(MaskedLMConfig(), dictionary).build_model(args)
    state = {
        "args": args,
        "model": model.state_dict(),
        "optimizer_history": [{"optimizer_name": "Adam", "lr_scheduler_state": {}}],
        "extra_state": {"train_iterator": {"epoch": 1}},
    }
    torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def checkpoints(databin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return {
        arch: write_checkpoint(folder / f"{arch}.pt", databin, arch)
        for arch in ("roberta_base", "cline_roberta_tiny")
    }


@pytest.fixture(scope="module")
def opened(databin):
    return triplets.open_databin(str(databin))


def slow_counts(model, dataset):
    """Each sequence alone, in float64, so that there is no padding: counts as `evaluate` has."""
    model = model.double().eval()
    cosine = torch.nn.functional.cosine_similarity
    cls, mean, bert_score, contrastive = torch.zeros(3), torch.zeros(3), torch.zeros(3), 0
    replaced = [0, 0, 0]
    for index in range(len(dataset)):
        item = dataset[index]
        vectors = []
        for name in ("source", "synonym", "antonym"):
            with torch.no_grad():
                features, extra = model.encoder.extract_features(
                    item[name][None], return_all_hiddens=True
                )
            vectors.append([state[:, 0] for state in extra["inner_states"]])  # (T, C) each
            if name == "source":
                continue
            scores = model.rtd_head(features)[0].tolist()
            for score, label in zip(scores, item[f"{name}_labels"].tolist(), strict=True):
                if label >= 0:
                    replaced[0] += score > 0 and label == 1
                    replaced[1] += score > 0 and label == 0
                    replaced[2] += score <= 0 and label == 1
        for layer, (original, synonym, antonym) in enumerate(zip(*vectors, strict=True)):
            near, far = (cosine(original[0], other[0], dim=0) for other in (synonym, antonym))
            cls[layer] += near > far
            near, far = (
                cosine(original.mean(0), other.mean(0), dim=0) for other in (synonym, antonym)
            )
            mean[layer] += near > far
            words = original[1:-1].tolist()  # without <s> and </s>
            near, far = (slow_bert_score(v[1:-1].tolist(), words)[2] for v in (synonym, antonym))
            bert_score[layer] += near > far
        contrastive += original[0] @ synonym[0] > original[0] @ antonym[0]
    return {
        "cls": cls,
        "mean": mean,
        "bert_score": bert_score,
        "contrastive": contrastive,
        "rtd": torch.tensor(replaced),
    }


def test_counts_are_those_of_one_triplet_at_a_time(checkpoints, opened):
    model = triplets.load_model(str(checkpoints["cline_roberta_tiny"]), opened.dictionary)
    with torch.no_grad():  # untrained, it would call no token replaced, or all of them
        model.rtd_head.projection.weight.normal_()
    dataset = triplets.unmasked_triplets(opened, "valid", model.max_positions())
    counts = triplets.evaluate(model, dataset, max_tokens=200, device=CPU)
    expected = slow_counts(model, dataset)
    assert counts.keys() == expected.keys()
    for name, count in counts.items():
        assert count.tolist() == expected[name].tolist(), name
    assert counts["cls"][0] == 0  # the embedding of <s> is the same in all three
    assert 0 < counts["mean"][2] < len(dataset)
    assert 0 < counts["bert_score"][2] < len(dataset)
    assert min(counts["rtd"]) > 0


def test_long_triplets_are_cut_for_a_short_model(opened):
    dataset = triplets.unmasked_triplets(opened, "valid", 8)
    assert dataset.truncated > 0
    assert max(len(dataset[index]["synonym"]) for index in range(len(dataset))) <= 8


def test_a_batch_too_small_for_the_longest_triplet(checkpoints, opened):
    model = triplets.load_model(str(checkpoints["roberta_base"]), opened.dictionary)
    dataset = triplets.unmasked_triplets(opened, "valid", model.max_positions())
    with pytest.raises(InputError, match=f"--max-tokens .*{3 * max(dataset.sizes)}"):
        triplets.evaluate(model, dataset, max_tokens=10, device=CPU)


def run_hits(*arguments, **settings):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(
        [sys.executable, "-m", "fairseq_cline.evaluation.hits", *map(str, arguments)],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        **settings,
    )


def test_command(checkpoints, databin, opened, tmp_path):
    stock, ours = checkpoints["roberta_base"], checkpoints["cline_roberta_tiny"]
    report, figure = tmp_path / "hits.json", tmp_path / "hits.png"
    run = run_hits(
        *(f"stock={stock}", ours, "--data", databin, "--split", "valid", "--max-tokens", 400),
        *("--json", report, "--plot", figure),
    )
    assert run.returncode == 0, run.stderr
    result = json.loads(report.read_text())
    first, second = result["checkpoints"]
    assert [first["name"], second["name"]] == ["stock", ours.name]
    assert first["sha256"] == hashlib.sha256(stock.read_bytes()).hexdigest()
    manifest = (databin / "manifest.json").read_bytes()
    assert result["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    assert result["split"]["blocks"] == 24
    arguments = result["arguments"]
    assert arguments["split"] == "valid" and arguments["data"] == databin.name
    assert arguments["checkpoints"] == [stock.name, ours.name]
    for folder in (tmp_path, databin.parent, stock.parent):
        assert str(folder) not in report.read_text()
    assert first["rtd"] is None and set(second["rtd"]) == {"precision", "recall", "f1"}

    model = triplets.load_model(str(stock), opened.dictionary)
    dataset = triplets.unmasked_triplets(opened, "valid", model.max_positions())
    counts = triplets.evaluate(model, dataset, max_tokens=400, device=CPU)
    assert first["triplets"] == len(dataset)
    for measure in ("cls", "mean", "bert_score"):
        percents = (100 * counts[measure] / len(dataset)).tolist()
        assert first[measure] == pytest.approx(percents)
        assert first["best"][measure]["hits"] == pytest.approx(max(percents[1:]))
        # The table shows the same, with its best layer marked.
        assert f"{max(percents[1:]):5.1f} ± " in run.stdout
    assert run.stdout.count("*") == 1 + 3 * 2  # the legend, and three measures of two checkpoints
    assert "n = 24 triplets" in run.stdout
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert not list(tmp_path.glob("*.tmp"))


def assert_one_line_error(run, *parts):
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    line = run.stderr.strip().splitlines()[-1]
    assert line.startswith("fairseq_cline: error: ")
    for part in parts:
        assert str(part) in line


def test_wrong_dictionary(checkpoints, databin, resign, tmp_path):
    other = shutil.copytree(databin, tmp_path / "other")
    for name, line in (("dict.txt", "new 1\n"), ("word_begin.txt", "1\n")):
        with open(other / name, "a") as file:
            file.write(line)
    resign(other)
    path = checkpoints["roberta_base"]
    assert_one_line_error(run_hits(path, "--data", other, "--split", "valid"), path, "dict.txt")


def test_missing_checkpoint(databin, tmp_path):
    path = tmp_path / "missing.pt"
    assert_one_line_error(run_hits(path, "--data", databin, "--split", "valid"), path)


def test_missing_databin(checkpoints, tmp_path):
    path = tmp_path / "missing"
    assert_one_line_error(run_hits(checkpoints["roberta_base"], "--data", path), path)


def test_a_model_of_another_kind(databin, opened, tmp_path):
    path = write_checkpoint(tmp_path / "other.pt", databin, "transformer_tiny")
    with pytest.raises(InputError, match="other.pt.* RoBERTa-like"):
        triplets.load_model(str(path), opened.dictionary)


@pytest.fixture
def text_arguments(tmp_path):
    text = ["--text", "reviews.txt", "more.txt", "--sentencepiece-model", "spm.model"]
    return hits._parser().parse_args(["model.pt", *text, "--dict", "dict.txt", "--seed", "7"])


def test_plain_text_goes_through_make_triplets(text_arguments, tmp_path, monkeypatch):
    """With a stand-in for the preparation, which has tests of its own."""
    commands = []

    def run(command, check):
        commands.append(command)
        return subprocess.CompletedProcess(command, returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    destination = hits.make_databin(text_arguments, str(tmp_path))
    (command,) = commands
    assert command[:3] == [sys.executable, "-m", "data_prep.make_triplets"]
    flags = " ".join(command[3:])
    assert "--test reviews.txt more.txt --destdir " + destination in flags
    assert "--sentencepiece-model spm.model" in flags and "--dict dict.txt" in flags
    assert "--seed 7" in flags and "--sample-break-mode eos" in flags
    assert "gpt2" not in flags and "one-word" not in flags


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    """A text of 30 sentences, a tokenizer trained on it, and a model with its dictionary."""
    folder = tmp_path_factory.mktemp("english")
    lines = [
        f"The {quality} {thing} was {feeling}, and many people began to love its story."
        for quality in ("good", "old", "long", "short", "rich")
        for thing, feeling in (
            *(("film", "happy"), ("book", "sad"), ("house", "large")),
            *(("road", "dark"), ("winter", "cold"), ("child", "young")),
        )
    ]
    text = folder / "reviews.txt"
    text.write_text("\n".join(lines) + "\n")
    command = ["data_prep.train_sentencepiece", text, "--destdir", folder, "--vocab-size", "290"]
    subprocess.run([sys.executable, "-m", *command], cwd=REPOSITORY, check=True)
    write_checkpoint(folder / "model.pt", folder, "cline_roberta_tiny")
    return folder


def test_plain_text(english, tmp_path):
    report, text = tmp_path / "hits.json", english / "reviews.txt"
    run = run_hits(
        *(english / "model.pt", "--text", text, "--json", report),
        *("--sentencepiece-model", english / "spm.model", "--dict", english / "dict.txt"),
    )
    assert run.returncode == 0, run.stderr
    result = json.loads(report.read_text())
    (checkpoint,) = result["checkpoints"]
    assert 0 < checkpoint["triplets"] <= 30
    assert result["split"]["blocks"] == checkpoint["triplets"]
    assert result["text_sha256"] == [hashlib.sha256(text.read_bytes()).hexdigest()]
    assert "manifest_sha256" not in result  # of a data-bin that is gone
    assert str(english) not in report.read_text()


def test_plain_text_with_one_word_replaced(english, tmp_path):
    report = tmp_path / "hits.json"
    run = run_hits(
        *(english / "model.pt", "--text", english / "reviews.txt", "--one-word", "--json", report),
        *("--sentencepiece-model", english / "spm.model", "--dict", english / "dict.txt"),
    )
    assert run.returncode == 0, run.stderr
    split = json.loads(report.read_text())["split"]
    assert split["synonym"] == split["antonym"] == split["blocks"] > 0


def test_one_word_is_decided_when_a_databin_is_made(checkpoints, databin):
    run = run_hits(checkpoints["roberta_base"], "--data", databin, "--one-word")
    assert_one_line_error(run, "--one-word", "data_prep.make_triplets")


def test_missing_text(checkpoints, tmp_path):
    path = tmp_path / "missing.txt"
    run = run_hits(checkpoints["roberta_base"], "--text", path, "--dict", "dict.txt")
    assert_one_line_error(run, f"--text {path}")


def test_standard_input_has_no_digest(tmp_path):
    path = tmp_path / "reviews.txt"
    path.write_text("Good.\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert hits.text_sha256(["-", str(path)]) == [None, digest]


def test_plain_text_that_cannot_be_prepared(text_arguments, tmp_path):
    with pytest.raises(InputError, match="--text"):
        hits.make_databin(text_arguments, str(tmp_path))
