"""The report: of the project's own results, of small ones made for a test, of hostile ones."""

import base64
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation.contrast_sets import MEASURES
from fairseq_cline.evaluation.reports import result_files as report_files
from fairseq_cline.evaluation.reports import sections as report_sections
from fairseq_cline.evaluation.reports.kinds import KINDS

REPOSITORY = Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "run" / "results"
HOSTILE = "<script>alert(1)</script> & \"quotes\" 'more' $x_{$ | </table> \ud800"
WITHOUT_END = {"meta", "img", "br"}


class Page(HTMLParser):
    """Reads a page and checks on the way that its tags balance."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.pictures: list[bytes] = []
        self.cells: list[list[str]] = []
        self.words = ""
        self.feed(content)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs)
        attributes = dict(attrs)
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href"]
        assert not {name for name in attributes if name.startswith("on") or name == "style"}
        if tag == "img":
            kind, _, data = attributes["src"].partition(",")
            assert kind == "data:image/png;base64" and attributes["alt"]
            self.pictures.append(base64.b64decode(data, validate=True))
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words += data
        if {"td", "th"} & set(self.open):
            self.cells[-1][-1] += data


def check(content: str) -> Page:
    """A page as it must be: whole, and nothing in it that is run or fetched."""
    page = Page(content)
    assert content.startswith("<!DOCTYPE html>\n")
    assert not {"script", "link", "iframe", "object", "base", "form"} & set(page.tags)
    assert len(page.ids) == len(set(page.ids))
    assert page.links and {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert not re.search(r"https?://|url\(|@import", content)
    assert all(picture.startswith(b"\x89PNG") for picture in page.pictures)
    assert 'name="viewport"' in content and "default-src 'none'" in content
    content.encode("utf-8")
    return page


@pytest.fixture(scope="module")
def own_results():
    return report_sections.build(RESULTS, "Results")


def test_own_results(own_results):
    content, left_out = own_results
    page = check(content)
    files = {path.name for path in RESULTS.glob("*.json")}
    assert all("not recognized" in reason for reason in left_out.values())
    benchmarks = {"atcl_step.json", "cline_step.json", "dcl_step.json", "triplets.json"}
    assert benchmarks <= left_out.keys()
    # Every other file is named, with the commit that it was made at.
    for name in files - left_out.keys():
        assert name in page.words
        assert json.loads((RESULTS / name).read_text())["provenance"]["commit"] in page.words
    # The figures of the README: three seeds, and the difference from the baseline.
    rows = {tuple(row) for row in page.cells}
    assert ("CLINE", "68.0 ± 1.4", "33.1 ± 4.4", "94.0 ± 0.1", "66.8 ± 0.2") in rows
    assert any(row[:3] == ("baseline", "125.1 ± 0.8", "-") for row in rows)
    assert any(row[0] == "adversarial" and row[2].startswith("-1.4 ± 0.3p = ") for row in rows)
    assert len(page.pictures) > 10


def classification(name, accuracy, labels=("neg", "pos")):
    return {
        "provenance": {"command": f"classify {name}", "commit": "abc"},
        "labels": [*labels],
        "split": {"name": "test", "examples": 100},
        "checkpoints": [
            {
                "name": name,
                "metrics": {"accuracy": {"value": accuracy, "standard_error": 2.5}},
                "confusion": [[40, 10], [5, 45]] if labels else None,
            }
        ],
    }


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def test_seeds_are_averaged_and_other_files_are_not(tmp_path):
    files = {f"a/seed{n}/test.json": classification("m", 70.0 + n) for n in (1, 2, 3)}
    files |= {"b/seed1/test.json": classification("m", 90.0)}
    files |= {f"c-seed{n}.json": classification(name, 50.0) for n, name in ((1, "x"), (2, "y"))}
    content, left_out = report_sections.build(write(tmp_path, files), "Title")
    page = check(content)
    assert left_out == {}
    names = re.findall(r"<h3[^>]*>([^<]*)</h3>", content)
    assert names == ["a/seed*/test.json", "b/seed1/test.json", "c-seed1.json", "c-seed2.json"]
    rows = [row for row in page.cells if row[0] != "model"]
    assert [row[:2] for row in rows] == [
        ["m", "72.0 ± 1.0"],
        # Of one seed, with the standard error of the file.
        ["m", "90.0 ± 2.5"],
        ["x", "50.0 ± 2.5"],
        ["y", "50.0 ± 2.5"],
    ]
    assert "says nothing about the error that comes from a small test\nset" in page.words
    assert page.words.count("No mean over c-seed*.json") == 2
    assert "test, 100 examples; 3 seeds" in page.words


def hits(name):
    best = {measure: {"hits": 60.0} for measure in ("cls", "mean", "bert_score")}
    layers = {measure: [0.0, 60.0] for measure in best}
    row = {"name": name, "best": best, **layers, "contrastive_accuracy": 90.0, "rtd": None}
    return {"split": {"blocks": 8}, "checkpoints": [row | {"triplets": 8}]}


def of_every_kind(name):
    """One report of each kind, with `name` wherever a name can be."""
    score = {"value": 50.0, "standard_error": 1.0}
    change = {"examples": 9, "original": score, "perturbed": score, "flips": score}
    cosines = {"mean": 0.5, "histogram": [0.5, 0.5]}
    geometry = {"positive": cosines, "random": cosines, "uniformity": -1.0, "effective_rank": 2.0}
    rows = {
        "invariance": {"kinds": {name: change, "all": change}},
        "representation": {"features": {name: geometry, "projection": None}},
        "lm_robustness": {
            "tokens": 9,
            "perturbed": 3,
            "epsilon": [0.0, 1.0],
            "perplexity": [9.0, 10.0],
            "perplexity_after": [9.0, 11.0],
        },
        "translation_robustness": {
            "epsilon": [0.0, 1.0],
            "bleu": {name: [30.0, 20.0]},
            "source_texts": {name: 25.0},
        },
        "label_distance": {
            "sha256": "0",
            "kind": name,
            "updates": 0,
            "validations": 2,
            "matrix": [[1.0, 3.0], [3.0, 1.0]],
        },
        "neighbors": {"distances": {name: {name: 1.0}}},
        "attack_completion": {
            "unchanged": 0.5,
            "perplexity_clean": 9.0,
            "perplexity_attacked": 9.0,
            "text_perplexity_clean": 9.0,
            "text_perplexity_attacked": 9.0,
            "completions": [{}],
        },
    }
    rows["contrast_sets"] = {"original": score, "contrast": score, "consistency": score}
    attack = {key: score for key in ("accuracy", "under_attack", "success_rate")}
    rows["adversarial"] = {"attack": attack | {"words_changed": None, "queries": 9.0}}
    split = {
        "representation": {"name": name, "pairs": 9},
        "contrast_sets": {"sets": 3, "examples": 9},
        "adversarial": {"name": name, "attack": name, "examples": 9},
    }
    reports = {
        f"{kind}.json": {
            "provenance": {"command": name, name: name},
            "split": split.get(kind, name),
            "labels": [name, f"{name} 2"],
            "sentences": 9,
            "relative_epsilon": False,
            "checkpoints": [{"name": name} | row],
        }
        for kind, row in rows.items()
    }
    cells = {name: {"seeds": [1.0, 2.0], "mean": 1.5, "spread": 0.7}}
    of_a_task = {"task": name, "share": 0.1, "kind": name, "seeds": [1, 2], "selected_on": name}
    reports["tables.json"] = {"evaluations": [of_a_task | {"rows": {name: cells}}]}
    reports["means.json"] = {"seeds": 2, "rows": {name: cells}}
    reports["classify.json"] = classification(name, 50.0, labels=[name, f"{name} 2"])
    return reports | {"hits.json": hits(name)}


def test_hostile_names_are_shown_as_text(tmp_path):
    files = of_every_kind(HOSTILE)
    folder = write(tmp_path, files)
    (folder / "<b>$a & b$.json").write_text(json.dumps(classification(HOSTILE, 1.0)))
    content, left_out = report_sections.build(folder, HOSTILE)
    page = check(content)
    assert left_out == {}
    assert "script" not in page.tags and "b" not in page.tags
    shown = HOSTILE.replace("\ud800", "?")
    assert page.words.count(shown) > 3 * len(files)
    assert "<b>$a & b$.json" in page.words
    assert len(re.findall("<h2", content)) == len(KINDS)


def test_a_warning_in_a_report_is_shown(tmp_path):
    report = classification("m", 1.0) | {"warning": "CHOSEN ON <WHAT> IS REPORTED"}
    files = {f"m-seed{n}.json": report for n in (1, 2)}
    content, _ = report_sections.build(write(tmp_path, files), "Title", "Of <two> models")
    assert content.count("<p>Of &lt;two&gt; models</p>") == 1
    assert content.count("<strong>CHOSEN ON &lt;WHAT&gt; IS REPORTED</strong>") == 1


def test_standard_errors_stand_with_their_own_figures(tmp_path):
    attack = {
        "accuracy": {"value": 75.0, "standard_error": 5.0},
        "under_attack": {"value": 25.0, "standard_error": 6.0},
        "success_rate": None,
        "words_changed": {"value": 10.0, "standard_error": 0.0},
        "queries": 40.0,
    }
    split = {"name": "test", "attack": "pwws", "examples": 4}
    row = {"name": "m", "attack": attack, "cut": 3}
    files = {"attack.json": {"split": split, "checkpoints": [row]}, "hits.json": hits("h")}
    files["hits.json"]["checkpoints"][0]["best"]["mean"]["standard_error"] = 3.0
    page = check(report_sections.build(write(tmp_path, files), "Title")[0])
    assert ["m", "25.0 ± 6.0", "75.0 ± 5.0", "-", "10.0 ± 0.0", "40.0"] in page.cells
    assert page.words.count("m: 3 examples cut to fit the model") == 1
    (cells,) = [row for row in page.cells if row[0] == "h"]
    assert cells[1:] == ["60.0", "60.0 ± 3.0", "60.0", "90.0", "-"]


def test_the_choice_of_checkpoints_is_shown(tmp_path):
    scores = {key: {"value": 50.0, "standard_error": 1.0} for key in MEASURES}

    def contrast(best, **split):
        rates = {"lr1": 70.0, "lr2": 70.0, "lr3": 70.0, best: 80.0}
        candidates = [
            {"checkpoint": checkpoint, "sha256": "0", "score": score}
            for checkpoint, score in rates.items()
        ]
        rows = [{"name": "m<", "candidates": candidates}, {"name": "one", "candidates": []}]
        split = {"sets": 3, "examples": 9} | split
        return {"split": split, "checkpoints": [row | scores for row in rows]}

    files = {f"valid/seed{n}.json": contrast(f"lr{n}") for n in (1, 2)}
    files["own.json"] = contrast("lr3", selected_on="contrast")
    content, left_out = report_sections.build(write(tmp_path, files), "Title")
    words = check(content).words
    assert left_out == {}
    assert words.count("m<: best of 3 checkpoints on valid") == 1
    assert words.count("m<: best of 3 checkpoints on contrast") == 1
    for n in (1, 2):
        assert words.count(f"m<: lr{n}, of 3 the best on valid (80.0%)") == 1
    assert "m<: lr3, of 3 the best on contrast (80.0%)" in words and "one: " not in words


def test_summaries_have_sections_of_their_own(tmp_path):
    """Of evaluation.cline_tables and evaluation.seeds, as these write them."""
    scores = {key: {"value": 50.0, "standard_error": 1.0} for key in MEASURES}
    models = [{"name": n, "checkpoint": n, "candidates": [], **scores} for n in ("m", "n")]
    contrast = {"split": {"sets": 3, "examples": 9}, "checkpoints": models}
    folder = tmp_path / "imdb"
    write(folder, {f"share-{s}/seed{n}/contrast.json": contrast for s in (1, 0.1) for n in (1, 2)})
    summaries = tmp_path / "summaries"
    summaries.mkdir()
    run_command("cline_tables", tmp_path, "--json", summaries / "tables.json")
    reports = sorted(folder.glob("share-1/*/*.json"))
    run_command("seeds", *reports, "--json", summaries / "means.json")
    content, left_out = report_sections.build(summaries, "Title")
    page = check(content)
    assert left_out == {}
    assert len(re.findall("<h2", content)) == 2
    cells = ["50.0 ± 0.0"] * 3
    assert ["imdb, contrast: m", "2", "-", *cells] in page.cells
    assert ["imdb, contrast, 10%: n", "2", "-", *cells] in page.cells
    assert ["n", "50.0 ± 0.0", "+0.0 ± 0.0", "50.0 ± 0.0", "50.0 ± 0.0"] in page.cells


def test_a_regression_has_no_confusion_matrix(tmp_path):
    report = classification("m", 0.0, labels=())
    report["checkpoints"][0]["metrics"] = {"Pearson": {"value": 80.0, "standard_error": 1.0}}
    content, left_out = report_sections.build(write(tmp_path, {"sts.json": report}), "Title")
    assert left_out == {} and "Confusion" not in check(content).words


def test_older_hits_have_no_bert_score(tmp_path):
    report = hits("m")
    del report["checkpoints"][0]["best"]["bert_score"], report["checkpoints"][0]["bert_score"]
    assert report_sections.build(write(tmp_path, {"hits.json": report}), "Title")[1] == {}


def damaged():
    """Path -> content, one change each, that some code stumbles over."""
    text_as_figure, no_metrics, list_for_dict, no_epsilon = (
        classification("m", "<script>"),
        classification("m", 1.0),
        classification("m", 1.0),
        of_every_kind("m")["lm_robustness.json"],
    )
    del no_metrics["checkpoints"][0]["metrics"]["accuracy"]["value"]
    list_for_dict["checkpoints"][0]["metrics"] = ["accuracy"]
    no_epsilon["checkpoints"][0]["epsilon"] = []
    return {
        "text-seed1.json": text_as_figure,
        "missing-seed1.json": no_metrics,
        "list-seed1.json": list_for_dict,
        "list-seed2.json": list_for_dict,
        "empty.json": no_epsilon,
        "provenance.json": classification("m", 1.0) | {"provenance": "mine"},
    }


def test_files_that_cannot_be_shown_are_named_with_the_reason(tmp_path):
    broken = {"half.json": '{"checkpoints": [', "deep.json": "[" * 100_000, "other.json": [1]}
    write(tmp_path, damaged() | broken | {"good.json": classification("m", 1.0)})
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    content, left_out = report_sections.build(tmp_path, "Title")
    page = check(content)
    assert left_out.keys() == {*damaged(), *broken, "bytes.json"}
    assert all("damaged" in left_out[path] for path in damaged())
    assert "no JSON" in left_out["half.json"] and "no JSON" in left_out["bytes.json"]
    assert "not recognized" in left_out["other.json"]
    for path in left_out:
        assert path in page.words
    assert str(tmp_path) not in content


def test_equal_results_give_an_equal_page(tmp_path):
    folder = write(tmp_path, of_every_kind("m"))
    assert report_sections.build(folder, "Title") == report_sections.build(folder, "Title")


def test_nothing_to_show(tmp_path):
    with pytest.raises(InputError, match="no result of an evaluation.*--json"):
        report_sections.build(write(tmp_path, {"other.json": {}}), "Title")


def test_a_report_is_of_one_kind():
    for name, report in of_every_kind("m").items():
        assert [kind.knows(report) for kind in KINDS].count(True) == 1, name
    assert not any(kind.knows(report) for kind in KINDS for report in (None, [], {}, {"a": 1}))


def test_paths_from_the_folder(tmp_path):
    known, _ = report_files.read(write(tmp_path, {"a/b/c.json": hits("m")}))
    assert [path for reports in known.values() for path in reports] == ["a/b/c.json"]


def run_command(name, *arguments):
    return subprocess.run(
        [sys.executable, "-m", f"fairseq_cline.evaluation.{name}", *map(str, arguments)],
        cwd=REPOSITORY,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_command(tmp_path):
    folder = write(tmp_path / "json", {"hits.json": hits("m"), "other.json": {}})
    output = tmp_path / "report.html"
    run = run_command("report", folder, "--output", output, "--title", "A & B")
    assert run.returncode == 0, run.stderr
    assert "not shown: other.json: not recognized" in run.stdout
    assert "<h1>A &amp; B</h1>" in output.read_text(encoding="utf-8")
    assert check(output.read_text(encoding="utf-8")).pictures
    assert sorted(path.name for path in tmp_path.iterdir()) == ["json", "report.html"]


def test_missing_folder(tmp_path):
    run = run_command("report", tmp_path / "missing", "--output", tmp_path / "report.html")
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert "missing: no such folder" in run.stderr.strip().splitlines()[-1]
    assert not list(tmp_path.iterdir())


def test_an_output_that_is_a_folder(tmp_path):
    folder = write(tmp_path / "json", {"hits.json": hits("m")})
    for run in (
        run_command("report", folder, "--output", folder),
        run_command("seeds", folder / "hits.json", "--json", folder),
    ):
        assert run.returncode == 1 and "Traceback" not in run.stderr
        assert f"{folder}: is a folder; give the name of a file" in run.stderr.splitlines()[-1]
    assert [path.name for path in tmp_path.rglob("*")] == ["json", "hits.json"]
