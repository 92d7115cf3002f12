"""The command for contrast sets: the choice among checkpoints, the table, the report."""

import json

import pytest
from toy_classifier import CLASSES, ToyClassifier, toy_data

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from fairseq_cline.evaluation import contrast_sets
from fairseq_cline.evaluation.classifiers import model_selection
from fairseq_cline.evaluation.reports.notes import CHOSEN_ON_CONTRAST


@pytest.fixture
def command(sets_file, run_main, monkeypatch, capsys):
    """Runs the command on toys: `flipped.pt` answers the opposite; what it prints and writes.

    On the validation split the flipped one is right.
    """
    folder = sets_file.parent
    (folder / "raw").mkdir()
    (folder / "raw" / "valid.tsv").write_text("bad\tx 1\ngood\ty 0\n")
    monkeypatch.setattr(
        contrast_sets, "open_classes", lambda *_, **__: toy_data(CLASSES, folder=str(folder))
    )

    def load(path, data, name, device):
        toy = ToyClassifier(CLASSES, name, flipped="flipped" in path)
        toy.sha256 = path
        return toy

    for module in (contrast_sets, model_selection):
        monkeypatch.setattr(module, "load_classifier", load)

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
    assert report["warning"] == CHOSEN_ON_CONTRAST and output.endswith(CHOSEN_ON_CONTRAST + "\n")
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


def test_numbers_have_no_contrast_sets(number_databin, sets_file, run_main):
    with pytest.raises(
        InputError, match="its labels are numbers, but a contrast set needs classes"
    ):
        run_main(contrast_sets, "unread.pt", "--data", number_databin, "--sets", sets_file)


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
