"""More training examples by the command: synonym copies, and what an attack log holds."""

import pytest

from data_prep.augment_classification import main
from data_prep.classification.attack_log import (
    FAILED,
    SKIPPED,
    SUCCESS,
    Attack,
    AttackLog,
    examples_sha256,
)
from data_prep.classification.examples import read_examples

LINES = [
    "good\tit is a great movie with a big heart .",
    "bad\ta boring movie that nobody could purchase .",
    "good\tthey purchased it , a wonderful picture .",
    "bad\tof it :-)",
    "good\tit is no great movie .",
]


@pytest.fixture
def train(tmp_path):
    path = tmp_path / "train.tsv"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def attack_log(train, tmp_path):
    """Attacks on the examples, not in their order."""
    log = AttackLog(
        tmp_path / "log.jsonl", {"examples_sha256": examples_sha256(read_examples(train))}
    )
    for index, outcome, text in (
        (2, SUCCESS, "they bought it , a wonderful picture ."),
        (4, SKIPPED, "it is no great movie ."),
        (0, SUCCESS, "it is a great film with a big heart ."),
        (3, FAILED, "of it :-)"),
    ):
        log.add(index, Attack(outcome, text, [], 5, queries=2))
    return tmp_path / "log.jsonl"


def test_synonym_copies_follow_the_examples(train, tmp_path, capsys):
    def written(name: str, *options: str) -> list[str]:
        main([str(train), "--output", str(tmp_path / name), "--method", "synonym", *options])
        return (tmp_path / name).read_text().splitlines()

    lines = written("a.tsv")
    assert lines[:5] == LINES
    assert [line.split("\t")[0] for line in lines[5:]] == ["good", "bad", "good", "good"]
    for old, new in zip([*LINES[:3], LINES[4]], lines[5:], strict=True):
        assert sum(a != b for a, b in zip(old.split(), new.split(), strict=True)) == 1
    assert "a.tsv: 5 examples and 4 new ones" in capsys.readouterr().out
    assert written("b.tsv") == lines != written("c.tsv", "--seed", "2")
    more = written("d.tsv", "--copies", "4", "--share", "0.3")
    assert len(more) == len(set(more)) > len(lines)
    assert len(more) <= 5 + 4 * 4


def test_successful_attacks_are_added_with_the_true_label(train, attack_log, tmp_path, capsys):
    out = tmp_path / "out.tsv"
    main(
        [
            str(train),
            "--output",
            str(out),
            "--method",
            "adversarial",
            "--attack-log",
            str(attack_log),
        ]
    )
    assert out.read_text(encoding="utf-8").splitlines() == [
        *LINES,
        "good\tit is a great film with a big heart .",
        "good\tthey bought it , a wonderful picture .",
    ]
    assert capsys.readouterr().out == (
        "4 examples attacked: 2 with success, 1 without, 1 skipped (wrong from the start)\n"
        f"{out}: 5 examples and 2 new ones\n"
    )


def failure(capsys, arguments) -> str:
    with pytest.raises(SystemExit) as exit_:
        main([*map(str, arguments)])
    assert exit_.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("augment_classification: error: ")
    return last


def test_a_log_of_other_examples_is_refused(train, attack_log, tmp_path, capsys):
    train.write_text("\n".join(LINES[1:]) + "\n")
    options = ["--method", "adversarial", "--attack-log", attack_log]
    message = failure(capsys, [train, "--output", tmp_path / "out.tsv", *options])
    assert "log.jsonl: about other examples than these; give the file that was attacked" in message
    assert not (tmp_path / "out.tsv").exists()


def test_an_attack_on_no_example_is_refused(train, attack_log, tmp_path, capsys):
    attack_log.write_text(attack_log.read_text().replace('"example": 3', '"example": 30'))
    options = ["--method", "adversarial", "--attack-log", attack_log]
    message = failure(capsys, [train, "--output", tmp_path / "out.tsv", *options])
    assert "log.jsonl: has an attack on example 30, but there are 5; make it again" in message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["synonym", "--attack-log", "x"], "--attack-log: only for --method adversarial"),
        (["synonym", "--copies", "0"], "--copies: '0' is not a whole number from 1 to 1000"),
        (["synonym", "--seed", "-1"], "--seed: '-1' is not a whole number from 0 to"),
        (["synonym", "--share", "nan"], "--share nan: must be above 0"),
        (["synonym", "--share", "1.5"], "--share 1.5: must be above 0"),
        (["adversarial"], "needs --attack-log, the attacks on these examples; make it with"),
        (["adversarial", "--copies", "2"], "--copies: only for --method synonym"),
        (["adversarial", "--attack-log", "absent"], "absent: cannot be read"),
    ],
)
def test_bad_options(train, tmp_path, capsys, options, message):
    assert message in failure(
        capsys, [train, "--output", tmp_path / "out.tsv", "--method", *options]
    )
    assert [*tmp_path.iterdir()] == [train]


def test_an_input_is_not_overwritten(train, tmp_path, capsys):
    before = train.read_bytes()
    (tmp_path / "log").write_text("{}")
    message = failure(capsys, [train, "--output", train, "--method=synonym"])
    assert f"{train}: is read by this command; give another file to write" in message
    options = ["--method=adversarial", "--attack-log", tmp_path / "log"]
    message = failure(capsys, [train, "--output", tmp_path / "log", *options])
    assert "log: is read by this command" in message
    assert train.read_bytes() == before and (tmp_path / "log").read_text() == "{}"


def test_missing_files(train, tmp_path, capsys):
    synonym = "--method=synonym"
    message = failure(capsys, [tmp_path / "absent.tsv", "--output", tmp_path / "out.tsv", synonym])
    assert "absent.tsv: no such file" in message
    message = failure(capsys, [train, "--output", tmp_path / "absent" / "out.tsv", synonym])
    assert "its folder does not exist" in message
