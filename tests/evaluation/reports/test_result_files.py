import json

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation.reports.result_files import evaluations, read_folder, read_results

KIND = {"kind": "hits", "format": 1}


@pytest.fixture
def write(tmp_path):
    """Writes the Hits of one seed: `write("seed1", blocks=11)` gives the path of the file."""

    def write_file(name, *, row="CLINE", blocks=10, bert_score=None, **more):
        best = {"cls": {"hits": 60.0}, "mean": {"hits": 50.0}}
        best |= {"bert_score": {"hits": bert_score}} if bert_score else {}
        rows = [
            {"name": row, "best": best, "contrastive_accuracy": 90.0, "rtd": None, "sha256": name}
        ]
        path = tmp_path / f"{name}.json"
        report = {**KIND, "checkpoints": rows, "split": {"blocks": blocks}, **more}
        path.write_text(json.dumps(report))
        return path

    return write_file


def test_files_of_one_evaluation(write):
    results = read_results([write("one"), write("two")])
    assert len(results.reports) == 2
    assert [[row["name"] for row in seeds] for seeds in results.rows()] == [["CLINE", "CLINE"]]


@pytest.mark.parametrize(
    "other",
    [
        *({"row": "another"}, {"blocks": 11}, {"bert_score": 66.0}),
        *({"manifest_sha256": "1"}, {"files": ["a"]}, {"sentences": 9}),
        *({"beam": 4}, {"length_penalty": 2.0}),
    ],
)
def test_results_on_other_data_or_models_are_not_mixed(write, other):
    with pytest.raises(InputError, match="two.json: other checkpoints or data than in .*one.json"):
        read_results([write("one"), write("two", **other)])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (lambda report: None, "the same result as"),
        (lambda report: report.update(provenance={"date": "today"}), "the same result as"),
        (lambda report: report["checkpoints"][0].update(layers=3), "of the same checkpoints as"),
    ],
)
def test_one_seed_does_not_count_twice(write, changed, message):
    first = write("one")
    report = json.loads(first.read_text())
    changed(report)
    again = first.with_name("again.json")
    again.write_text(json.dumps(report))
    with pytest.raises(InputError, match=f"again.json: {message} .*one.json, so that one seed"):
        read_results([first, again])


def test_a_baseline_may_be_the_same_for_all_seeds(write):
    paths = [write("one"), write("two")]
    for path in paths:
        report = json.loads(path.read_text())
        report["checkpoints"].append({**report["checkpoints"][0], "name": "RoBERTa", "sha256": "r"})
        path.write_text(json.dumps(report))
    assert len(read_results(paths).reports) == 2


def test_the_same_file_twice_is_refused(write):
    path = write("one")
    with pytest.raises(InputError, match="one.json: given twice; give each seed once"):
        read_results([path, path])
    with pytest.raises(InputError, match="the same result as"):
        read_results([path, path.parent / "." / ".." / path.parent.name / path.name])


def test_a_file_of_another_kind_is_refused(write):
    with pytest.raises(InputError, match="two.json: of the kind 'classify', but .*one.json is of"):
        read_results([write("one"), write("two", kind="classify")])
    with pytest.raises(InputError, match="one.json: of the kind 'neighbours', which has no mean"):
        read_results([write("one", kind="neighbours")])


@pytest.mark.parametrize("damaged", [{"checkpoints": [{"name": "x"}]}, {"checkpoints": {"x": 1}}])
def test_a_damaged_file_is_refused_in_one_line(write, damaged):
    with pytest.raises(InputError, match=r"one.json: damaged \(\w+Error: .*\); make it again"):
        read_results([write("one", **damaged)])


def test_paths_from_the_folder(tmp_path, write):
    (tmp_path / "a" / "b").mkdir(parents=True)
    write("a/b/c")
    (tmp_path / "a" / "step.json").write_text('{"kind": "benchmark", "format": 1}')
    found = read_folder(tmp_path)
    assert [path for reports in found.reports.values() for path in reports] == ["a/b/c.json"]
    assert found.benchmarks == ["a/step.json"] and found.left_out == {}


def test_seeds_are_files_that_differ_in_the_number_alone(tmp_path, write):
    for name in ("a-seed1", "a-seed2", "b-seed1"):
        write(name)
    write("c-seed1")
    write("c-seed2", blocks=11)
    found = [*evaluations("hits", read_folder(tmp_path).reports["hits"])]
    assert [one.name for one in found] == [
        *("a-seed*.json", "b-seed1.json", "c-seed1.json", "c-seed2.json")
    ]
    assert found[0].paths == ["a-seed1.json", "a-seed2.json"]
    assert [one.note.partition(":")[0] for one in found] == [
        *("", "", "No mean over c-seed*.json", "No mean over c-seed*.json")
    ]
