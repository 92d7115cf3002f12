"""The log of an attack: what is written is read again, and nothing else is taken for a log."""

import json
import os
from dataclasses import asdict

import pytest

from data_prep.classification.attack_log import (
    FAILED,
    SKIPPED,
    SUCCESS,
    Attack,
    AttackLog,
    adversarial_examples,
    examples_sha256,
    read_attack_log,
)
from data_prep.classification.examples import Example
from data_prep.errors import InputError

SETTINGS = {"examples_sha256": "0" * 64, "seed": 1}
ATTACK = Attack(SUCCESS, "ein naïver Text", [["a", "b"]], 2, queries=3)


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "log"
    log = AttackLog(path, SETTINGS)
    assert not path.exists()
    log.add(7, ATTACK)
    log.add(3, ATTACK)
    first, second, *_ = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(first) == SETTINGS and "naïver" in second
    assert read_attack_log(path) == (SETTINGS, {7: ATTACK, 3: ATTACK})
    assert [*AttackLog(path, SETTINGS).attacks] == [7, 3]


@pytest.mark.parametrize("rest", ["", '{"example": 9', json.dumps(SETTINGS)[:9]])
def test_a_half_line_does_not_count(tmp_path, rest):
    path = tmp_path / "log"
    AttackLog(path, SETTINGS).add(7, ATTACK)
    whole = path.read_bytes()
    path.write_bytes(whole + rest.encode())
    assert read_attack_log(path) == (SETTINGS, {7: ATTACK})
    AttackLog(path, SETTINGS)
    assert path.read_bytes() == whole
    path.write_text(rest)
    AttackLog(path, SETTINGS).add(7, ATTACK)
    assert path.read_bytes() == whole


def test_two_runs_at_once_are_noticed(tmp_path):
    path = tmp_path / "log"
    first, second = AttackLog(path, SETTINGS), AttackLog(path, SETTINGS)
    first.add(0, ATTACK)
    with pytest.raises(InputError, match="log: another run is writing to it"):
        second.add(0, ATTACK)
    first.add(1, ATTACK)
    assert [*AttackLog(path, SETTINGS).attacks] == [0, 1]


@pytest.mark.parametrize(
    "lines",
    [
        ["hello"],
        ["[1]"],
        [json.dumps({"seed": 1})],
        [json.dumps({"examples_sha256": 1})],
        [json.dumps(SETTINGS), json.dumps({"example": 1})],
        [json.dumps(SETTINGS), "[2]"],
        [
            json.dumps(SETTINGS),
            '{"example": 1, "outcome": "won", "text": "", "changed": [], "words": 1, "queries": 1}',
        ],
    ],
)
def test_another_file_is_no_log(tmp_path, lines):
    path = tmp_path / "log"
    path.write_text("\n".join(lines) + "\n")
    for read in (read_attack_log, lambda path: AttackLog(path, SETTINGS)):
        with pytest.raises(InputError, match="log: not a list of attacks"):
            read(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"example": -1}, {"example": "a"}, {"example": None}, {"example": []}, {"outcome": []},
        {"text": None}, {"changed": "ab"}, {"changed": [["a"]]}, {"changed": None},
        {"changed": [[1, 2]]}, {"words": 0}, {"words": "2"}, {"queries": 1.5}, {"more": 1},
        {"queries": float("nan")},
    ],
    ids=str,
)  # fmt: skip
def test_a_line_of_other_content_is_refused(tmp_path, wrong):
    row = {"example": 7, **asdict(ATTACK), **wrong}
    path = tmp_path / "log"
    path.write_text(f"{json.dumps(SETTINGS)}\n{json.dumps(row)}\n")
    with pytest.raises(InputError, match="log: not a list of attacks .*; give a log of"):
        read_attack_log(path)


def test_nested_brackets_and_pipes_are_no_logs(tmp_path):
    path = tmp_path / "log"
    path.write_text("[" * 100_000 + "\n")
    with pytest.raises(InputError, match="log: not a list of attacks .brackets nested too deeply"):
        read_attack_log(path)
    os.mkfifo(tmp_path / "pipe")
    for read in (read_attack_log, lambda path: AttackLog(path, SETTINGS)):
        with pytest.raises(InputError, match="pipe: cannot be read .a pipe or a device"):
            read(tmp_path / "pipe")


def test_missing_and_other_logs(tmp_path):
    with pytest.raises(InputError, match="absent: cannot be read .*give a log of"):
        read_attack_log(tmp_path / "absent")
    AttackLog(tmp_path / "log", SETTINGS).add(0, ATTACK)
    with pytest.raises(InputError, match="made from other data or a checkpoint"):
        AttackLog(tmp_path / "log", {**SETTINGS, "seed": 2})


def test_adversarial_examples_keep_their_label_and_the_first_text():
    examples = [Example("no", ("a", f"b{number}")) for number in range(4)]
    outcomes = {3: SUCCESS, 1: FAILED, 0: SUCCESS, 2: SKIPPED}
    attacks = {index: Attack(outcome, "new", [], 1, 1) for index, outcome in outcomes.items()}
    assert [*adversarial_examples(examples, attacks)] == 2 * [Example("no", ("a", "new"))]
    assert examples_sha256(examples) != examples_sha256(examples[::-1])
