"""Contrast sets: scores against a slow version, the choice among checkpoints, bad files."""

import json
import math
import random

import pytest
import torch

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from fairseq_cline.evaluation import contrast_sets
from fairseq_cline.evaluation.classifiers import classifier as classifiers
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.contrast_sets import WARNING, contrast_scores, evaluate, read_sets

# The stand-in model answers with the class that ends a text.
LINES = [
    "a\toriginal\tgood\tx 1",
    "a\tcontrast\tbad\ty 0",
    "b\toriginal\tgood\tx 1",
    "b\tcontrast\tbad\ty 1",
    "c\tcontrast\tbad\tz 0",  # a set need not stay together
    "b\tcontrast\tbad\ty 0",
    "c\toriginal\tgood\tx 0",
]


def data_bin(labels=("bad", "good"), texts=1) -> ClassificationData:
    return ClassificationData("data-bin", [*labels], texts, dictionary=None, tokenizer=None)


class StandIn:
    name, sha256 = "stand-in", "0" * 64

    def __init__(self, flipped: bool = False) -> None:
        self.data, self._flipped = data_bin(), flipped

    def tokens(self, texts) -> str:
        return texts[-1]

    def fits(self, tokens) -> bool:
        return len(tokens) <= len("x 1")

    def probabilities(self, texts, progress) -> torch.Tensor:
        classes = torch.tensor([int(text[-1][-1]) ^ self._flipped for text in texts])
        return torch.nn.functional.one_hot(classes, 2).float()


@pytest.fixture
def sets_file(tmp_path):
    path = tmp_path / "sets.tsv"
    path.write_text("\n".join(LINES) + "\n")
    return path


def test_scores_by_hand(sets_file):
    sets = read_sets(str(sets_file), data_bin())
    assert [[example.texts for example in one] for one in sets] == [
        [("x 1",), ("y 0",)],
        [("x 1",), ("y 1",), ("y 0",)],
        [("x 0",), ("z 0",)],
    ]
    found = {measure: score.value for measure, score in evaluate(StandIn(), sets).items()}
    assert found == {
        "original": pytest.approx(200 / 3),  # not c
        "contrast": 75.0,  # one of b is wrong
        "consistency": pytest.approx(100 / 3),  # a alone
    }


def slow_scores(sets: list[list[bool]]) -> tuple[float, float, float]:
    """Gardner et al. (2020), a set at a time."""
    originals = contrast = examples = consistent = 0
    for one in sets:
        originals += one[0]
        wrong = 0
        for answer in one[1:]:
            examples += 1
            contrast += answer
            wrong += not answer
        if one[0] and wrong == 0:
            consistent += 1
    return (
        100 * originals / len(sets),
        100 * contrast / examples,
        100 * consistent / len(sets),
    )


def test_against_the_slow_version():
    rng = random.Random(1)
    for size in (1, 2, 7, 300):
        sets = [[rng.random() < 0.7 for _ in range(1 + rng.randint(1, 5))] for _ in range(size)]
        scores = contrast_scores(sets)
        assert [score.value for score in scores.values()] == pytest.approx(slow_scores(sets))


def test_errors_are_those_of_independent_sets():
    rng = random.Random(1)
    sets = [[rng.random() < 0.8, *[rng.random() < 0.6] * 4] for _ in range(400)]
    scores = contrast_scores(sets)
    for score in scores.values():
        # The four contrast examples of a set are alike: no more information than one.
        share = score.value / 100
        error = 100 * math.sqrt(share * (1 - share) / len(sets))
        assert score.standard_error == pytest.approx(error, rel=0.1)
    assert contrast_scores(sets) == scores  # the resamples have a seed
    certain = contrast_scores([[True, True]] * 5)
    assert {score.standard_error for score in certain.values()} == {0.0}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a\toriginal\tgood", "line 8: not set<TAB>original|contrast<TAB>label<TAB>text; make"),
        ("a\tother\tgood\tx", "line 8: not set<TAB>original"),
        ("a\tcontrast\tpos\tx", "line 8: the label 'pos' is not one of data-bin .* --labels"),
        ("a\toriginal\tgood\tx", "set a has not one original and a contrast example"),
        ("d\tcontrast\tgood\tx", "set d has not one original"),
        ("d\toriginal\tgood\tx", "set d has not one original"),
    ],
)
def test_a_wrong_file(sets_file, line, message):
    with sets_file.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(InputError, match=message.replace("|", r"\|")):
        read_sets(str(sets_file), data_bin())
    with pytest.raises(InputError, match="sets.tsv, line 1: not .*<TAB>text<TAB>text"):
        read_sets(str(sets_file), data_bin(texts=2))
    with pytest.raises(InputError, match="absent: cannot be read"):
        read_sets(str(sets_file.with_name("absent")), data_bin())


@pytest.fixture
def command(sets_file, run_main, monkeypatch, capsys):
    """Runs the command on stand-ins: `flipped.pt` answers the opposite; what it prints and writes.

    On the validation split the flipped one is right.
    """
    folder = sets_file.parent
    (folder / "raw").mkdir()
    (folder / "raw" / "valid.tsv").write_text("bad\tx 1\ngood\ty 0\n")
    data = ClassificationData(str(folder), ["bad", "good"], 1, dictionary=None, tokenizer=None)
    monkeypatch.setattr(contrast_sets, "open_databin", lambda path: data)

    def load(name, path, data, device):
        model = StandIn("flipped" in path)
        model.sha256 = path
        return model

    monkeypatch.setattr(classifiers, "load", load)

    def call(*arguments) -> tuple[str, dict]:
        run_main(
            contrast_sets, *arguments, "--data", folder, "--sets", sets_file, "--cpu",
            "--json", folder / "out.json",
        )  # fmt: skip
        return capsys.readouterr().out, json.loads((folder / "out.json").read_text())

    return call


def test_the_best_on_validation_is_taken_by_default(command, sets_file):
    output, report = command("m=lr1/plain.pt", "other=plain.pt", "m=lr2/flipped.pt")
    assert report["split"] == {
        "sets": 3, "examples": 7, "sha256": file_sha256(str(sets_file)), "selected_on": "valid",
    }  # fmt: skip
    chosen, other = report["checkpoints"]
    assert (chosen["name"], chosen["checkpoint"]) == ("m", "lr2/flipped.pt")
    assert chosen["sha256"] == "lr2/flipped.pt"
    assert chosen["candidates"] == [
        {"checkpoint": "lr1/plain.pt", "sha256": "lr1/plain.pt", "score": 0.0},
        {"checkpoint": "lr2/flipped.pt", "sha256": "lr2/flipped.pt", "score": 100.0},
    ]
    assert chosen["contrast"]["value"] == 25.0 and other["contrast"]["value"] == 75.0
    assert (
        other["candidates"] == [] and chosen["cut"] == other["cut"] == 0 and "warning" not in report
    )
    lines = output.splitlines()
    assert lines[0] == "3 contrast sets: percent ± standard error"
    assert lines[2:4] == ["| | Ori | Rev | Con |", "|---|---|---|---|"]
    assert lines[4].startswith("| m | 33.3 ± ") and lines[5].startswith("| other | 66.7 ± ")
    assert lines[7:] == ["m: lr2/flipped.pt, of 2 the best on valid (100.0%)"]


def test_a_choice_on_the_contrast_examples_says_so(command):
    output, report = command("m=lr1/flipped.pt", "m=lr2/plain.pt", "--select", "contrast")
    (chosen,) = report["checkpoints"]
    assert chosen["checkpoint"] == "lr2/plain.pt"
    assert [candidate["score"] for candidate in chosen["candidates"]] == [25.0, 75.0]
    assert report["warning"] == WARNING and output.endswith(WARNING + "\n")
    assert report["split"]["selected_on"] == "contrast"


def test_what_is_cut_is_said(command, sets_file):
    with sets_file.open("a") as file:
        file.write("d\toriginal\tgood\tlong 1\nd\tcontrast\tbad\tx 0\nd\tcontrast\tbad\tlong 0\n")
    output, report = command("m=plain.pt")
    assert [row["cut"] for row in report["checkpoints"]] == [2]
    assert output.splitlines()[5:] == ["m: 2 examples cut to fit the model"]


def test_a_choice_needs_names(command):
    with pytest.raises(InputError, match=r"b/x.pt: a second x.pt; write NAME=path"):
        command("a/x.pt", "b/x.pt")


def test_numbers_have_no_contrast_sets(command, monkeypatch):
    monkeypatch.setattr(contrast_sets, "open_databin", lambda path: data_bin(labels=()))
    with pytest.raises(InputError, match="its labels are numbers"):
        command("x.pt")


def test_real_classifiers(opinions, opinion_classifier, write_classifier, tmp_path, run_main):
    """A trained and an untrained one; of both under one name the trained one is taken."""
    lines = []
    for number, words in enumerate(["dull awful", "grey weak", "awful dull", "weak grey"]):
        for kind, label, word in (("original", "bad", words), ("contrast", "good", "fine lovely")):
            first, second = word.split()
            text = f"the story was {first} , the ending {second}"
            lines.append(f"{number}\t{kind}\t{label}\t{text}\n")
    (tmp_path / "sets.tsv").write_text("".join(lines))
    untrained = write_classifier(tmp_path / "untrained.pt", opinions, "--num-classes=2")
    report, plot = tmp_path / "out.json", tmp_path / "out.png"
    run_main(
        contrast_sets, f"a={untrained}", f"a={opinion_classifier}", f"b={untrained}",
        "--data", opinions, "--sets", tmp_path / "sets.tsv", "--cpu", "--json", report,
        "--plot", plot,
    )  # fmt: skip
    chosen, other = json.loads(report.read_text())["checkpoints"]
    assert chosen["sha256"] == file_sha256(str(opinion_classifier)) != other["sha256"]
    # An untrained model gives all texts one class.
    assert {other[measure]["value"] for measure in ("original", "contrast")} == {0.0, 100.0}
    assert other["consistency"]["value"] == 0.0 < chosen["consistency"]["value"]
    assert plot.read_bytes().startswith(b"\x89PNG")
