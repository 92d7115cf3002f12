"""Attacks on a stand-in for a classifier: the log, its order, its continuation, its workers."""

import json
import random
from importlib.util import find_spec

import pytest
import torch

from data_prep.classification.attack_log import SKIPPED, Attack
from data_prep.classification.examples import Example
from data_prep.errors import InputError
from fairseq_cline.evaluation.attacks import attacker, searches
from fairseq_cline.evaluation.attacks.attacker import attack_examples

EXAMPLES = [
    Example("good", ("it is a great movie with a big heart .",)),
    Example("bad", ("a boring movie that nobody could purchase .",)),
    Example("good", ("they purchased it , a wonderful picture .",)),
    Example("bad", ("of it :-)",)),
    Example("good", ("it is no great movie .",)),
    Example("good", ("the movie that we purchased",)),
]


@pytest.fixture
def run(tmp_path, stand_in):
    """Attacks the examples; returns the lines of the log."""

    def call(log="log.jsonl", examples=EXAMPLES, **options) -> list[str]:
        attack_examples(stand_in, examples, tmp_path / log, **options)
        return (tmp_path / log).read_text(encoding="utf-8").splitlines()

    return call


def test_the_log_has_the_attacks_in_the_order_of_the_seed(run, stand_in, tmp_path):
    settings, *rows = map(json.loads, run(seed=3))
    assert settings["attack"] == "pwws" and settings["seed"] == 3
    assert settings["checkpoint_sha256"] == stand_in.sha256
    assert settings["max_share"] == 0.25
    order = random.Random(3).sample(range(6), 6)
    assert [row["example"] for row in rows] == order != sorted(order)
    found = {row["example"]: row for row in rows}
    assert [found[index]["outcome"] for index in range(6)] == [
        "success", "success", "success", "failed", "skipped", "failed",
    ]  # fmt: skip
    assert found[0]["text"] == "it is a great film with a big heart ."
    assert found[0]["changed"] == [["movie", "film"]] and found[0]["words"] == 9
    attacks = attack_examples(stand_in, EXAMPLES, tmp_path / "log.jsonl", seed=3)
    assert [*attacks] == order and attacks[0].text == found[0]["text"]


def test_the_log_does_not_depend_on_the_number_of_workers(run):
    alone = run()
    assert run("other.jsonl", workers=3) == alone
    assert len(alone) == 7


def test_a_stopped_run_goes_on_with_other_workers(run, tmp_path, stand_in):
    whole = run()
    stopped = "\n".join(whole[:4]) + "\n" + whole[4][:20]  # three attacks and a half
    (tmp_path / "log.jsonl").write_text(stopped, encoding="utf-8")
    assert run(workers=2) == whole
    (tmp_path / "log.jsonl").write_text(stopped, encoding="utf-8")
    stand_in.asked.clear()
    assert run() == whole
    assert stand_in.asked.count(1) >= 3  # the clean texts of three
    stand_in.asked.clear()
    assert run() == whole and stand_in.asked == []  # everything is known


def test_a_limit_can_be_raised(run):
    whole = run("whole.jsonl")
    assert run(limit=2) == whole[:3]
    assert run(limit=5) == whole[:6]
    assert run(limit=3) == whole[:6]  # what is there stays
    assert run(limit=99) == run(limit=None) == whole


def test_a_larger_limit_keeps_every_attack_of_a_smaller_one(tmp_path, stand_in, monkeypatch):
    """There are so many examples that Python draws small samples in another way than large ones."""
    examples = [Example("bad", (f"it is {number} .",)) for number in range(2000)]
    skipped = Attack(SKIPPED, "it", [], 3, queries=1)
    monkeypatch.setattr(attacker, "load_search", lambda *_: lambda *_: skipped)

    def attacked(limit: int) -> list[int]:
        return [*attack_examples(stand_in, examples, tmp_path / "log", limit=limit)]

    few = attacked(300)
    assert len(set(few)) == 300 and few == attacked(500)[:300]
    assert attacked(300) == few  # those of the larger run are left out


def test_of_a_pair_the_second_text_is_attacked(run):
    pairs = [("a boring movie", "the movie"), ("a movie", "the boring movie")]
    rows = run(examples=[Example("good", pair) for pair in pairs])[1:]
    found = {row["example"]: (row["outcome"], row["text"]) for row in map(json.loads, rows)}
    assert found == {0: ("success", "the film"), 1: ("skipped", "the boring movie")}


def test_a_log_of_another_run_is_refused(run, stand_in, monkeypatch):
    run()
    for options in ({"seed": 2}, {"max_share": 0.5}, {"examples": EXAMPLES[1:]}):
        with pytest.raises(InputError, match="made from other data or a checkpoint"):
            run(**options)
    version = searches.metadata.version
    for owner, name, value in (
        (searches.metadata, "version", lambda name: "0" if name == "nltk" else version(name)),
        (searches, "GENERATOR", 0),
        (stand_in, "sha256", "1" * 64),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, value)
            with pytest.raises(InputError, match="options or versions of packages that differ"):
                run()
    run()  # the same still goes on


@pytest.mark.parametrize("workers", [1, 2])
def test_a_classifier_that_fails(run, workers, tmp_path):
    with pytest.raises(InputError, match="model.pt: out of order"):
        run(examples=[Example("good", ("crash the movie",))] * 2, workers=workers)
    with pytest.raises(InputError, match=r"bin: has no label 'fine' \(bad, good\)"):
        run(examples=[Example("good", ("a movie",)), Example("fine", ("it",))], workers=workers)
    assert not (tmp_path / "log.jsonl").exists()


def test_several_workers_cannot_share_a_gpu(run, stand_in):
    stand_in.device = torch.device("cuda")
    with pytest.raises(InputError, match="--workers 2: only one process can use the model on a GP"):
        run(workers=2)


class Computing:
    """A search that computes as a model does, and says with how many threads."""

    def __call__(self, texts: tuple[str, ...], true_class: int, seed: str) -> Attack:
        # Large enough for several threads, if it may have them.
        weights = torch.ones(400, 400, requires_grad=True)
        (weights @ weights).sum().backward()
        return Attack(SKIPPED, texts[0], [], 1, queries=torch.get_num_threads())


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_computes_with_one_thread(tmp_path, stand_in, monkeypatch, workers):
    """A forked process that waited for the threads of its parent would wait for ever."""
    monkeypatch.setattr(attacker, "load_search", lambda *_: Computing())
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        torch.ones(400, 400) @ torch.ones(400, 400)  # starts the threads of this process
        attacks = attack_examples(stand_in, EXAMPLES, tmp_path / "log", workers=workers)
        assert {attack.queries for attack in attacks.values()} == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": 0}, "--limit 0: must be 1 or more"),
        ({"workers": 0}, "--workers 0: must be 1 or more"),
        ({"max_share": 1.5}, "--max-share 1.5: must be above 0 and at most 1"),
        ({"attack": "textattack:bae", "max_share": 0.5}, "--max-share: only for --attack pwws"),
        ({"attack": "pws"}, "--attack pws: must be pwws or textattack:RECIPE"),
        ({"attack": "textattack:"}, "--attack textattack:: must be pwws or textattack:RECIPE"),
        ({"attack": "textfooler"}, "--attack textfooler: must be pwws or textattack:RECIPE"),
    ],
)
def test_wrong_options(run, options, message, tmp_path):
    with pytest.raises(InputError, match=message):
        run(**options)
    assert not (tmp_path / "log.jsonl").exists()


@pytest.mark.skipif(find_spec("textattack") is not None, reason="TextAttack is installed")
def test_without_textattack_its_recipes_are_refused(run, tmp_path):
    with pytest.raises(InputError, match="TextAttack cannot be imported.*pip install .*'textatt"):
        run(attack="textattack:deepwordbug")
    assert not (tmp_path / "log.jsonl").exists()
