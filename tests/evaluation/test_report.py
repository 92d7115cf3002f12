import sys

import pytest
from html_page import check
from toy_reports import classification, hits, write_files

from fairseq_cline.evaluation import report


def test_the_page_is_written_and_what_it_leaves_out_is_named(tmp_path, capsys):
    folder = write_files(tmp_path / "json", {"hits.json": hits("m"), "other.json": {}})
    output = tmp_path / "report.html"
    report.main([str(folder), "--output", str(output), "--title", "A & B"])
    assert "not shown: other.json: not recognized" in capsys.readouterr().out
    assert "<h1>A &amp; B</h1>" in output.read_text(encoding="utf-8")
    assert check(output.read_text(encoding="utf-8")).pictures
    assert sorted(path.name for path in tmp_path.iterdir()) == ["json", "report.html"]


def test_benchmarks_and_modified_code_are_named_in_a_line_each(tmp_path, run_main, capsys):
    modified = classification("m", 80.0) | {"provenance": {"commit": "abc1234+"}}
    files = {"a.json": modified, "step.json": {"kind": "benchmark", "format": 1}}
    folder = write_files(tmp_path / "json", files)
    (folder / "titles.tsv").write_text(".\tMine\tOf two models.\na.json\tMovie reviews\n")
    run_main(report, folder, "--output", tmp_path / "report.html")
    assert capsys.readouterr().out.splitlines()[:-1] == [
        "not shown: 1 benchmark(s), which are no evaluations",
        "made with modified code, which no commit has; make again: a.json (abc1234+)",
    ]
    page = check((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "Mine" in page.words and "Of two models." in page.words
    assert "Movie reviews" in page.words and "step.json" in page.words


@pytest.mark.parametrize(
    ("folder", "output", "message"),
    [
        ("missing", "report.html", "missing: no such folder; give the one with the JSON files"),
        ("json", "json", "json: is a folder; give the name of a file"),
        ("json", "no/report.html", "report.html: its folder does not exist; make it first"),
    ],
)
def test_bad_input_ends_with_one_line_and_no_page(tmp_path, capsys, folder, output, message):
    write_files(tmp_path / "json", {"hits.json": hits("m")})
    with pytest.raises(SystemExit) as end:
        report.main([str(tmp_path / folder), "--output", str(tmp_path / output)])
    (line,) = capsys.readouterr().err.splitlines()
    assert end.value.code == 1 and line.startswith("report: error: ") and line.endswith(message)
    assert [path.name for path in tmp_path.rglob("*")] == ["json", "hits.json"]


def test_matplotlib_is_asked_for_before_the_work(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SystemExit):
        report.main([str(tmp_path), "--output", str(tmp_path / "report.html")])
    assert "--output: matplotlib is not installed (extra [plots])" in capsys.readouterr().err
