import json

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation.reports.report_file import draw_report, read_report, write_report

ROW = {"name": "m", "metrics": {"accuracy": {"value": 90.0, "standard_error": 1.0}}}
SPLIT = {"name": "test", "examples": 20}
ROWS = [ROW | {"confusion": [[9, 1], [1, 9]]}]
CONTENT = {"labels": ["a", "b"], "split": SPLIT, "checkpoints": ROWS}


def test_what_is_written_is_read(tmp_path):
    write_report(tmp_path / "a.json", "classify", CONTENT)
    report = read_report(tmp_path / "a.json", "classify")
    assert (report["kind"], report["format"]) == ("classify", 1)
    assert report["provenance"]["commit"] and CONTENT.items() <= report.items()
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "not recognized: no result of an evaluation, which has a kind and a format"),
        (json.dumps(CONTENT), "not recognized: no result of an evaluation"),
        ('{"kind": "classify"}', "not recognized: no result of an evaluation"),
        ('{"kind": "classify", "format": 2}', "of format 2, wanted 1; make it again"),
        ('{"kind": "benchmark", "format": 1}', "of the kind 'benchmark', which is no evaluation"),
        ('{"kind": ["a"], "format": 1}', "of the kind .*, which is no evaluation"),
        ('{"kind": "hits", "format": 1}', "of the kind 'hits'; give a result of the kind 'class"),
        ('{"kind": ', "no JSON"),
        ("[" * 100_000, "no JSON"),
    ],
)  # fmt: skip
def test_another_file_is_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(InputError, match=f"^{path}: .*{message}") as error:
        read_report(path, "classify")
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InputError, match="absent.json: cannot be read"):
        read_report(tmp_path / "absent.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="bytes.json: no JSON"):
        read_report(tmp_path / "bytes.json")


def test_half_a_character_becomes_a_question_mark(tmp_path):
    (tmp_path / "a.json").write_text(r'{"kind": "hits", "format": 1, "name": "\ud800"}')
    assert read_report(tmp_path / "a.json")["name"] == "?"


def test_a_figure_is_drawn_of_the_content(tmp_path):
    draw_report(tmp_path / "a.png", "classify", CONTENT)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="b.png: these results have no figure; leave it out"):
        draw_report(tmp_path / "b.png", "classify", {**CONTENT, "labels": []})
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
