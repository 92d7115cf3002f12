"""More training examples: synonym copies; PWWS against a stand-in for the classifier's process."""

import json

import pytest

from data_prep.augment_classification import main

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
def attacked(train, tmp_path, stand_in):
    """Runs the adversarial method on the training file with a process that needs no checkpoint."""

    def run(*options, output="out.tsv") -> list[str]:
        main([str(train), str(tmp_path / output), "--method", "adversarial", *stand_in, *options])
        return (tmp_path / output).read_text(encoding="utf-8").splitlines()

    return run


def test_synonym_copies_follow_the_examples(train, tmp_path, capsys):
    def written(name: str, *options: str) -> list[str]:
        main([str(train), str(tmp_path / name), "--method", "synonym", *options])
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


def test_successful_attacks_are_added_with_the_true_label(attacked, tmp_path, capsys):
    lines = attacked()
    assert lines[:5] == LINES
    # "movie", "boring" and "purchased" have a synonym that the classifier does not know.
    assert lines[5:] == [
        "good\tit is a great film with a big heart .",
        "bad\ta dull movie that nobody could purchase .",
        "good\tthey bought it , a wonderful picture .",
    ]
    printed = capsys.readouterr().out
    assert "5 examples attacked: 3 with success, 1 without, 1 skipped" in printed
    assert "accuracy 80.0%, under attack 20.0%; success rate 75.0%" in printed
    settings, *rows = map(json.loads, (tmp_path / "out.tsv.attacks.jsonl").read_text().splitlines())
    assert settings["max_share"] == 0.25 and len(settings["checkpoint_sha256"]) == 64
    assert sorted(row["example"] for row in rows) == [0, 1, 2, 3, 4]
    assert {row["example"]: row["outcome"] for row in rows} == {
        0: "success", 1: "success", 2: "success", 3: "failed", 4: "skipped",
    }  # fmt: skip


def test_a_stopped_run_goes_on(attacked, tmp_path, capsys):
    whole = attacked()
    log = tmp_path / "out.tsv.attacks.jsonl"
    rows = log.read_text().splitlines(keepends=True)
    asked = tmp_path / "model.pt.asked"
    asked.unlink()
    log.write_text("".join(rows[:4]) + rows[4][:20])  # three attacks and a half
    (tmp_path / "out.tsv").unlink()
    assert attacked() == whole
    assert log.read_text() == "".join(rows)
    assert asked.read_text().splitlines().count("1") >= 2
    asked.unlink()
    assert attacked() == whole and not asked.exists()  # all is known


def test_a_limit_is_a_random_part_that_can_be_raised(attacked, tmp_path):
    few = attacked("--limit", "2", output="few.tsv")
    rows = (tmp_path / "few.tsv.attacks.jsonl").read_text().splitlines()
    assert len(rows) == 3 and set(few) <= set(attacked())
    assert attacked("--limit", "9", output="few.tsv") == attacked()
    assert (tmp_path / "few.tsv.attacks.jsonl").read_text().splitlines()[:3] == rows
    other = attacked("--limit", "2", "--seed", "2", output="other.tsv")
    assert other[:5] == LINES


def failure(capsys, call, *arguments, **options) -> str:
    with pytest.raises(SystemExit) as exit_:
        call(*arguments, **options)
    assert exit_.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("augment_classification: error: ")
    return last


def test_a_classifier_that_fails(attacked, train, tmp_path, capsys):
    train.write_text("good\tit is a movie\ngood\tcrash the movie\n")
    message = failure(capsys, attacked)
    assert "model.pt: the classifier ended (exit status 1)" in message
    assert not (tmp_path / "out.tsv").exists()
    train.write_text("fine\tit is a movie\n")
    message = failure(capsys, attacked, output="b.tsv")
    assert "has no label 'fine' (bad, good)" in message
    assert not list(tmp_path.glob("b.tsv*"))
    (tmp_path / "filter.py").write_text("import sys; sys.exit(3)")
    assert "exit status 3" in failure(capsys, attacked, output="c.tsv")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--method", "synonym", "--limit", "3"], "--limit: only for --method adversarial"),
        (["--method", "synonym", "--copies", "0"], "--copies 0: must be 1 or more"),
        (["--method", "synonym", "--share", "1.5"], "--share 1.5: must be above 0"),
        (["--method", "adversarial"], "needs --checkpoint and --data"),
        (["--method", "adversarial", "--copies", "2"], "--copies: only for --method synonym"),
        (["--method", "adversarial", "--max-share", "0"], "--max-share 0: must be above 0"),
        (["--method", "adversarial", "--workers", "0"], "--workers 0: must be 1 or more"),
        (
            ["--method", "adversarial", "--checkpoint", "absent.pt", "--data", "absent"],
            "absent.pt: does not exist",
        ),
    ],
)
def test_bad_flags(train, tmp_path, capsys, options, message):
    assert message in failure(capsys, main, [str(train), str(tmp_path / "out.tsv"), *options])
    assert [*tmp_path.iterdir()] == [train]


def test_missing_files(train, tmp_path, capsys):
    out = str(tmp_path / "out.tsv")
    assert "absent.tsv: no such file" in failure(
        capsys, main, ["absent.tsv", out, "--method=synonym"]
    )
    out = str(tmp_path / "absent" / "out.tsv")
    assert "its folder does not exist" in failure(
        capsys, main, [str(train), out, "--method=synonym"]
    )
