"""Attacks on a stand-in for the classifier's process: the log, its order, its continuation."""

import json
import random
from dataclasses import dataclass
from importlib.util import find_spec

import pytest

from data_prep import attackers, classifier_process
from data_prep.attack import attack_examples, main
from data_prep.attack_log import AttackLog
from data_prep.classification.examples import Example
from data_prep.classifier_process import ClassifierProcess
from data_prep.errors import InputError
from data_prep.pwws import SKIPPED, SUCCESS, Attack

LINES = [
    "good\tit is a great movie with a big heart .",
    "bad\ta boring movie that nobody could purchase .",
    "good\tthey purchased it , a wonderful picture .",
    "bad\tof it :-)",
    "good\tit is no great movie .",
    "good\tthe movie that we purchased",
]


@pytest.fixture
def run(tmp_path, stand_in):
    """Runs the command on lines of examples; the lines of its log."""

    def call(*options, log="log.jsonl", lines=LINES) -> list[str]:
        (tmp_path / "examples.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        main([str(tmp_path / "examples.tsv"), str(tmp_path / log), *stand_in, *options])
        return (tmp_path / log).read_text(encoding="utf-8").splitlines()

    return call


def test_the_log_has_the_attacks_in_the_order_of_the_seed(run, capsys):
    settings, *rows = map(json.loads, run("--seed", "3"))
    assert settings["attack"] == "pwws" and settings["seed"] == 3
    assert len(settings["checkpoint_sha256"]) == 64
    order = random.Random(3).sample(range(6), 6)
    assert [row["example"] for row in rows] == order != sorted(order)
    found = {row["example"]: row for row in rows}
    assert [found[index]["outcome"] for index in range(6)] == [
        "success", "success", "success", "failed", "skipped", "failed",
    ]  # fmt: skip
    assert found[0]["text"] == "it is a great film with a big heart ."
    assert found[0]["changed"] == [["movie", "film"]] and found[0]["words"] == 9
    printed = capsys.readouterr().out
    assert "6 examples attacked: 3 with success, 2 without, 1 skipped" in printed
    assert "accuracy 83.3%, under attack 33.3%; success rate 60.0%" in printed


def test_the_log_does_not_depend_on_the_number_of_workers(run):
    alone = run()
    assert run("--workers", "3", log="other.jsonl") == alone
    assert len(alone) == 7


def test_a_stopped_run_goes_on_with_other_workers(run, tmp_path):
    whole = run()
    text = "\n".join(whole[:4]) + "\n" + whole[4][:20]  # three attacks and a half
    (tmp_path / "log.jsonl").write_text(text, encoding="utf-8")
    asked = tmp_path / "model.pt.asked"
    asked.unlink()
    assert run("--workers", "2") == whole
    assert asked.read_text().splitlines().count("1") >= 3  # the clean texts of three
    asked.unlink()
    assert run() == whole and not asked.exists()  # all is known


def test_a_limit_can_be_raised(run):
    whole = run(log="whole.jsonl")
    assert run("--limit", "2") == whole[:3]
    assert run("--limit", "5") == whole[:6]
    assert run("--limit", "3") == whole[:6]  # what is there stays
    assert run("--limit", "99") == whole


@dataclass(frozen=True)
class Refusing:
    """Stands in for an attacker: skips every example."""

    checkpoint: object
    databin: object
    attack: str = "none"
    seed: int = 1
    max_share: float = 1.0
    labels: frozenset = frozenset()

    def __call__(self, item) -> Attack:
        assert self.labels == {"bad"}
        return Attack(SKIPPED, item[1].texts[0], [], 3, queries=1)

    @property
    def versions(self) -> dict:
        return {}

    def close(self) -> None:
        pass


def test_a_larger_limit_keeps_every_attack_of_a_smaller_one(tmp_path, stand_in):
    """Of so many examples that Python draws small samples in another way than large ones."""
    examples = [Example("bad", (f"it is {number} .",)) for number in range(2000)]
    attacker = Refusing(tmp_path / "model.pt", tmp_path / "bin")

    def attacked(limit: int) -> list[int]:
        return [*attack_examples(examples, tmp_path / "log", attacker, limit, 1).attacks]

    few = attacked(300)
    assert len(set(few)) == 300 and few == attacked(500)[:300]
    assert attacked(300) == few  # those of the larger run are left out


def test_of_a_pair_the_second_text_is_attacked(run):
    lines = ["good\ta boring movie\tthe movie", "good\ta movie\tthe boring movie"]
    rows = [json.loads(line) for line in run(lines=lines)[1:]]
    found = {row["example"]: (row["outcome"], row["text"]) for row in rows}
    assert found == {0: ("success", "the film"), 1: ("skipped", "the boring movie")}


def test_two_runs_at_once_are_noticed(tmp_path):
    path, attack = tmp_path / "log", Attack(SUCCESS, "text", [("a", "b")], 2, queries=3)
    first, second = AttackLog(path, {"seed": 1}), AttackLog(path, {"seed": 1})
    first.add(0, attack)
    with pytest.raises(InputError, match="log: another run is writing to it"):
        second.add(0, attack)
    first.add(1, attack)
    assert [*AttackLog(path, {"seed": 1}).attacks] == [0, 1]


def failure(capsys, call, *arguments, **options) -> str:
    with pytest.raises(SystemExit) as exit_:
        call(*arguments, **options)
    assert exit_.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("attack: error: ")
    return last


def test_a_log_of_another_run_is_refused(run, tmp_path, capsys, monkeypatch):
    run()
    for options in (["--seed", "2"], ["--max-share", "0.5"]):
        assert "made from other data or a checkpoint" in failure(capsys, run, *options)
    assert "made from other data" in failure(capsys, run, lines=LINES[1:])
    real = attackers.metadata.version
    with monkeypatch.context() as patched:
        patched.setattr(
            attackers.metadata, "version", lambda name: "0" if name == "nltk" else real(name)
        )
        message = failure(capsys, run)
        assert "made from other data or a checkpoint, options or versions of packages" in message
    with monkeypatch.context() as patched:
        patched.setattr(attackers, "GENERATOR", 0)
        assert "made from other data" in failure(capsys, run)
    run()  # the same still goes on
    (tmp_path / "model.pt").write_bytes(b"other weights")
    assert "made from other data" in failure(capsys, run)
    (tmp_path / "log.jsonl").write_text("hello\n")
    assert "not a list of attacks" in failure(capsys, run)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_classifier_that_fails(run, workers, tmp_path, capsys):
    message = failure(capsys, run, "--workers", workers, lines=["good\tcrash the movie"] * 2)
    assert "model.pt: the classifier ended (exit status 1)" in message
    message = failure(capsys, run, "--workers", workers, lines=["good\ta movie", "fine\tit"])
    assert "has no label 'fine' (bad, good)" in message
    assert not (tmp_path / "log.jsonl").exists()


def test_a_process_that_died_between_two_questions(tmp_path, monkeypatch):
    script = tmp_path / "once.py"
    script.write_text("print('[1]', flush=True)")
    monkeypatch.setattr(classifier_process, "COMMAND", (str(script),))
    classifier = ClassifierProcess(tmp_path / "m.pt", tmp_path)
    assert classifier.labels == [1]
    classifier._process.wait()
    with pytest.raises(InputError, match="m.pt: the classifier ended"):
        classifier(["text"])
    classifier.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--limit", "0"], "--limit 0: must be 1 or more"),
        (["--workers", "0"], "--workers 0: must be 1 or more"),
        (["--max-share", "1.5"], "--max-share 1.5: must be above 0 and at most 1"),
        (["--attack", "textattack:bae", "--max-share", "0.5"], "--max-share: only for --attack pw"),
        (["--checkpoint", "absent.pt"], "absent.pt: does not exist; check the path"),
    ],
)
def test_bad_options(run, options, message, tmp_path, capsys):
    assert message in failure(capsys, run, *options)
    assert not (tmp_path / "log.jsonl").exists()
    assert "its folder does not exist" in failure(capsys, run, log="absent/log.jsonl")


@pytest.mark.parametrize("name", ["pws", "textattack:", "textfooler"])
def test_an_unknown_attack(run, name, capsys):
    with pytest.raises(SystemExit) as exit_:
        run("--attack", name)
    assert exit_.value.code == 2
    assert f"'{name}' is neither pwws nor textattack:NAME" in capsys.readouterr().err


@pytest.mark.skipif(find_spec("textattack") is not None, reason="TextAttack is installed")
def test_without_textattack_its_recipes_are_refused(run, tmp_path, capsys):
    message = failure(capsys, run, "--attack", "textattack:deepwordbug")
    assert "TextAttack cannot be imported" in message
    assert message.endswith("pip install 'fairseq-cline[attack]'")
    assert not (tmp_path / "log.jsonl").exists()
