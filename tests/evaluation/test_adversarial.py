"""Adversarial examples: ready ones, and live attacks by the real command, killed and resumed."""

import json
import os
import random
import signal
import time

import pytest

from data_prep.classification.attack_log import SKIPPED, Attack
from data_prep.classification.examples import read_examples
from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from fairseq_cline.evaluation import adversarial
from fairseq_cline.evaluation.attacks.pwws import DEFAULT_MAX_SHARE
from fairseq_cline.evaluation.classifiers import accuracy
from fairseq_cline.evaluation.classifiers import options as classifier_options
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin

COMMAND = ("-m", "fairseq_cline.evaluation.adversarial")
ATTACK = ("--attack", "pwws", "--limit", 30, "--seed", 2, "--cpu")


@pytest.fixture(scope="module")
def pwws(opinions, opinion_classifier, binaries, tmp_path_factory):
    """The command as a user gives it: its folder and what it says."""
    folder = tmp_path_factory.mktemp("pwws")
    done = binaries.run(
        *COMMAND, f"a={opinion_classifier}", "--data", opinions, *ATTACK, "--logs", folder / "logs",
        "--json", folder / "out.json", "--plot", folder / "out.png",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, done


def test_a_live_attack(pwws, opinions, opinion_classifier):
    folder, done = pwws
    report = json.loads((folder / "out.json").read_text())
    assert report["split"] == {
        "name": "test", "sha256": file_sha256(str(opinions / "raw" / "test.tsv")),
        "examples": 30, "attack": "pwws", "seed": 2,
        "max_share": DEFAULT_MAX_SHARE,
    }  # fmt: skip
    (row,) = report["checkpoints"]
    assert row["sha256"] == file_sha256(str(opinion_classifier)) and row["candidates"] == []
    assert row["cut"] == 0
    lines = (folder / "logs" / "a.pwws.jsonl").read_text().splitlines()
    settings, *attacks = map(json.loads, lines)
    assert settings["seed"] == 2

    # The texts of the log, read again by the classifier, are as right and as wrong as it says.
    drawn = random.Random(2).sample(range(41), 41)[:30]
    assert [attack["example"] for attack in attacks] == drawn
    examples = read_examples(opinions / "raw" / "test.tsv")
    data = open_databin(str(opinions))
    classifier = load_classifier(str(opinion_classifier), data, "x")
    right = {"success": False, "failed": True, "skipped": False}
    answers = classifier.probabilities([attack["text"] for attack in attacks]).argmax(1).tolist()
    assert [
        data.labels[answer] == examples[index].label
        for answer, index in zip(answers, drawn, strict=True)
    ] == [right[attack["outcome"]] for attack in attacks]
    outcomes = [attack["outcome"] for attack in attacks]
    assert outcomes.count("success") > 2 and outcomes.count("failed") > 2
    under_attack = row["attack"]["under_attack"]["value"]
    assert under_attack == pytest.approx(100 * outcomes.count("failed") / 30)
    assert under_attack < row["attack"]["accuracy"]["value"]
    assert "pwws, n = 30 of test: percent ± standard error" in done.stdout
    cells = [line for line in done.stdout.splitlines() if line.startswith("| a |")]
    assert f"| {under_attack:.1f} ± " in cells[0]
    assert (folder / "out.png").read_bytes().startswith(b"\x89PNG")


def test_a_killed_attack_goes_on_with_two_workers(pwws, opinions, opinion_classifier, binaries):
    """Killed without warning: it leaves no process, and a log that is the beginning of the whole."""
    folder, _ = pwws
    whole = (folder / "logs" / "a.pwws.jsonl").read_bytes()
    log = folder / "killed" / "a.pwws.jsonl"
    line = [*COMMAND, f"a={opinion_classifier}", "--data", opinions, *ATTACK, "--workers", 2]
    line += ["--logs", log.parent]
    process = binaries.start(*line, new_session=True)
    while not (log.exists() and log.read_bytes().count(b"\n") > 2) and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    part = log.read_bytes()
    assert whole.startswith(part[: part.rfind(b"\n") + 1]) and part != whole
    deadline = time.monotonic() + 30
    while _alive(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(process.pid)
    done = binaries.run(*line)
    assert done.returncode == 0, done.stderr
    assert log.read_bytes() == whole


def _alive(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_is_known_is_not_attacked_again(pwws, opinions, opinion_classifier, run_main, capsys):
    folder, _ = pwws
    whole = (folder / "logs" / "a.pwws.jsonl").read_bytes()
    run_main(
        adversarial, f"a={opinion_classifier}", "--data", opinions, "--attack", "pwws", "--limit",
        10, "--seed", 2, "--logs", folder / "logs", "--json", folder / "few.json", "--cpu",
    )  # fmt: skip
    assert (folder / "logs" / "a.pwws.jsonl").read_bytes() == whole
    (row,) = json.loads((folder / "few.json").read_text())["checkpoints"]
    rows = [json.loads(line) for line in whole.splitlines()[1:11]]
    right = sum(attack["outcome"] != "skipped" for attack in rows)
    assert row["attack"]["accuracy"]["value"] == pytest.approx(10 * right)
    assert "pwws, n = 10 of test" in capsys.readouterr().out


def test_the_bound_of_changed_words_reaches_the_attack(
    opinions, opinion_classifier, tmp_path, run_main
):
    run_main(
        adversarial, f"a={opinion_classifier}", "--data", opinions, "--attack", "pwws", "--limit",
        1, "--max-share", 0.5, "--logs", tmp_path, "--json", tmp_path / "out.json", "--cpu",
    )  # fmt: skip
    settings = json.loads((tmp_path / "a.pwws.jsonl").read_text().splitlines()[0])
    report = json.loads((tmp_path / "out.json").read_text())
    assert settings["max_share"] == report["split"]["max_share"] == 0.5


def test_what_is_cut_is_said(
    opinions, write_classifier, tmp_path, run_main, capsys, monkeypatch
):  # fmt: skip
    """The attacked examples count as they were before the attack; ready ones as they are."""
    data = open_databin(str(opinions))
    examples = data.read(data.split_path("test"))
    lengths = [len(data.encode(example.texts[0])) + 1 for example in examples]  # and <s>
    longest = sorted(lengths)[len(lengths) // 2]
    model = write_classifier(
        tmp_path / "m.pt", opinions, "--num-classes=2", f"--max-positions={longest}"
    )
    drawn = [5, 0, 7, 3, 11, 2]

    def attack(*_, **__) -> dict[int, Attack]:
        return {index: Attack(SKIPPED, "x " * 99, [], 99, queries=1) for index in drawn}

    monkeypatch.setattr(adversarial, "attack_examples", attack)
    options = {
        "attack": ["--attack", "pwws", "--limit", "6", "--logs", tmp_path],
        "examples": ["--examples", data.split_path("test")],
    }
    for kind, indices in (("attack", drawn), ("examples", range(len(examples)))):
        report = tmp_path / f"{kind}.json"
        run_main(adversarial, model, "--data", opinions, *options[kind], "--json", report, "--cpu")
        (row,) = json.loads(report.read_text())["checkpoints"]
        assert row["cut"] == sum(lengths[index] > longest for index in indices) > 0
        last = capsys.readouterr().out.splitlines()[-1]
        assert last == f"m.pt: {row['cut']} examples cut to fit the model"


def test_ready_examples_are_classified(
    opinions, opinion_classifier, write_classifier, tmp_path, run_main, capsys
):
    untrained = write_classifier(tmp_path / "untrained.pt", opinions, "--num-classes=2")
    examples = opinions / "raw" / "train.tsv"
    run_main(
        adversarial, f"m={untrained}", f"m={opinion_classifier}", "--data", opinions,
        "--examples", examples, "--json", tmp_path / "out.json", "--plot", tmp_path / "out.png",
        "--cpu",
    )  # fmt: skip
    report = json.loads((tmp_path / "out.json").read_text())
    (row,) = report["checkpoints"]
    assert report["kind"] == "adversarial_examples"
    data = open_databin(str(opinions))
    classifier = load_classifier(str(opinion_classifier), data, "m")
    expected, _ = accuracy.evaluate(classifier, data.read(str(examples)))
    assert row["metrics"]["accuracy"]["value"] == expected.metrics["accuracy"].value > 90
    assert row["checkpoint"].endswith("/checkpoint_last.pt") and row["sha256"] == expected.sha256
    assert [candidate["score"] > 80 for candidate in row["candidates"]] == [False, True]
    assert report["split"] == {
        "name": "train.tsv (adversarial examples)", "sha256": file_sha256(str(examples)),
        "examples": 160,
    }  # fmt: skip
    output = capsys.readouterr().out
    assert output.startswith(
        "train.tsv (adversarial examples), n = 160: percent ± standard error\n"
    )
    assert output.splitlines()[-1].startswith("m: ") and "the best on valid" in output
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_an_attack_that_fails(opinions, opinion_classifier, tmp_path, run_main, monkeypatch):
    logs = tmp_path / "logs"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # the command changes it

    def run(checkpoint) -> None:
        attack = ("--attack", "textattack:unknown", "--logs", logs)
        run_main(adversarial, checkpoint, "--data", opinions, *attack, "--cpu")

    with pytest.raises(InputError, match="TextAttack"):
        run(opinion_classifier)
    (tmp_path / "model.pt").write_bytes(b"no checkpoint")
    with pytest.raises(InputError, match="model.pt: "):
        run(tmp_path / "model.pt")
    assert not logs.exists()
    logs.write_text("a file")
    with pytest.raises(InputError, match="--logs .*logs: exists already; choose another folder"):
        run(opinion_classifier)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--attack", "pwws"], "--attack needs --logs, the folder that keeps the attacks"),
        (["--examples", "x", "--limit", "5"], "--limit: only for --attack; leave it out"),
        (["--attack", "pwws", "--logs", "logs", "--limit", "0"], "--limit: '0' is not a whole num"),
        (["--examples", "x", "--max-share", "0.5"], "--max-share: only for --attack; leave it"),
        (["--attack", "pwws", "--logs", "l", "--max-share", "0"], "--max-share 0: must be above 0"),
        (["--attack", "pwws", "--logs", "logs", "--workers", "0"], "--workers: '0' is not a whole"),
        (["--attack", "pws", "--logs", "logs"], "--attack pws: must be pwws or textattack:RECIPE"),
    ],
)
def test_a_wrong_option_is_refused_before_the_work(
    options, message, run_main, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        run_main(adversarial, "unread.pt", "--data", "unread", *options)
    with pytest.raises(
        InputError, match="a/b.pwws.jsonl: no name of a file in --logs; write NAME="
    ):
        run_main(
            adversarial, "a/b=unread.pt", "--data", "unread", "--attack", "pwws", "--logs", "l"
        )
    assert [*tmp_path.iterdir()] == []


def test_numbers_cannot_be_attacked(run_main, monkeypatch, opinions):
    data = open_databin(str(opinions))
    data.labels.clear()
    monkeypatch.setattr(classifier_options, "open_databin", lambda *_, **__: data)
    with pytest.raises(InputError, match="its labels are numbers, but an attack needs classes"):
        run_main(adversarial, "x.pt", "--data", "bin", "--examples", "x.tsv")
