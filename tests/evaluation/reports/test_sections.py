"""The report: of the project's own results, of small ones made for a test, of hostile ones."""

import json
import re
from pathlib import Path

import pytest
from html_page import check
from toy_reports import classification, hits, of_every_kind, report, write_files

from data_prep.errors import InputError
from fairseq_cline.evaluation import cline_tables, seeds
from fairseq_cline.evaluation.reports.columns import CONTRAST_MEASURES
from fairseq_cline.evaluation.reports.kind import Kind, Value
from fairseq_cline.evaluation.reports.kinds import KINDS
from fairseq_cline.evaluation.reports.sections import build

REPOSITORY = Path(__file__).resolve().parents[3]
RESULTS = REPOSITORY / "run" / "results"
HOSTILE = "<script>alert(1)</script> & \"quotes\" 'more' $x_{$ | </table> \ud800"


# Made with code that no commit has, before reports were looked at for it. None may join them.
MODIFIED = {
    *(f"lm_brown/leaking-test-seed{seed}.json" for seed in (1, 2, 3)),
    *(f"lm_brown/long-{split}-seed1.json" for split in ("valid", "test")),
    *(
        f"lm_brown/tensorized-{split}-seed{seed}.json"
        for split in ("valid", "test")
        for seed in (2, 3)
    ),
}


def test_own_results():
    built = build(RESULTS)
    page = check(built.content)
    files = {path.relative_to(RESULTS).as_posix() for path in RESULTS.rglob("*.json")}
    assert built.left_out == {}
    assert {*built.benchmarks} == {name for name in files if name.startswith("benchmarks/")}
    assert built.modified.keys() <= MODIFIED
    # Every file is named; that of an evaluation with the commit that it was made at.
    for name in files:
        assert name in page.words
        if name not in built.benchmarks:
            assert json.loads((RESULTS / name).read_text())["provenance"]["commit"] in page.words
    # The figures of the README: three seeds, and the difference from the baseline.
    rows = {tuple(row) for row in page.cells}
    assert ("CLINE", "68.0 ± 1.4", "33.1 ± 4.4", "94.0 ± 0.1", "66.8 ± 0.2") in rows
    assert any(row[:3] == ("baseline", "125.1 ± 0.8", "-") for row in rows)
    assert any(
        row[0] == "adversarial" and row[2:3] and row[2].startswith("-1.4 ± 0.3p") for row in rows
    )
    assert len(page.pictures) > 10
    # Every folder has titles: no reader sees the name of a file in the place of one.
    titles = re.findall(r"<h3[^>]*>([^<]*)</h3>", built.content)
    untitled = [title for title in titles if ": " not in title]
    assert titles and untitled == [], "add lines to titles.tsv of the folder"


def test_seeds_are_averaged_and_other_files_are_not(tmp_path):
    files = {f"a/seed{n}/test.json": classification("m", 70.0 + n) for n in (1, 2, 3)}
    files |= {"b/seed1/test.json": classification("m", 90.0)}
    files |= {f"c-seed{n}.json": classification(name, 50.0) for n, name in ((1, "x"), (2, "y"))}
    content, left_out, *_ = build(write_files(tmp_path, files), "Title")
    page = check(content)
    assert left_out == {}
    names = re.findall(r"<h3[^>]*>([^<]*)</h3>", content)
    assert names == ["a, test", "b, test, seed 1", "c, seed 1", "c, seed 2"]
    for path in ("a/seed*/test.json", "b/seed1/test.json", "c-seed1.json", "c-seed2.json"):
        assert path in page.words
    rows = [row for row in page.cells if row[0] != "model"]
    assert [row[:2] for row in rows] == [
        ["m", "72.0 ± 1.0"],
        # Of one seed, with the standard error of the file.
        ["m", "90.0 ± 2.5"],
        ["x", "50.0 ± 2.5"],
        ["y", "50.0 ± 2.5"],
    ]
    assert "nothing about the error that comes from a small test set" in page.words
    assert page.words.count("No mean over c-seed*.json") == 2
    assert "test, 100 examples; 3 seeds" in page.words


def test_hostile_names_are_shown_as_text(tmp_path):
    files = of_every_kind(HOSTILE)
    folder = write_files(tmp_path, files)
    (folder / "<b>$a & b$.json").write_text(json.dumps(classification(HOSTILE, 1.0)))
    content, left_out, *_ = build(folder, HOSTILE)
    page = check(content)
    assert left_out == {}
    assert "script" not in page.tags and "b" not in page.tags
    shown = HOSTILE.replace("\ud800", "?")
    assert page.words.count(shown) > 3 * len(files)
    assert "<b>$a & b$.json" in page.words
    assert len(re.findall("<h2", content)) == 1 + len(KINDS)  # and the conclusions


def test_a_warning_in_a_report_is_shown(tmp_path):
    warning = {"warning": "CHOSEN ON <WHAT> IS REPORTED"}
    files = {f"m-seed{n}.json": classification("m", float(n)) | warning for n in (1, 2)}
    content, *_ = build(write_files(tmp_path, files), "Title", "Of <two> models")
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
    attacked = report("adversarial", split=split, checkpoints=[row])
    files = {"attack.json": attacked, "hits.json": hits("h")}
    files["hits.json"]["checkpoints"][0]["best"]["mean"]["standard_error"] = 3.0
    page = check(build(write_files(tmp_path, files), "Title")[0])
    # No column is without a figure.
    assert ["m", "25.0 ± 6.0", "75.0 ± 5.0", "10.0 ± 0.0", "40.0"] in page.cells
    assert page.words.count("m: 3 examples cut to fit the model") == 1
    (cells,) = [row for row in page.cells if row[0] == "h"]
    assert cells[1:] == ["60.0", "60.0 ± 3.0", "60.0", "90.0"]


def test_the_choice_of_checkpoints_is_shown(tmp_path):
    scores = {key: {"value": 50.0, "standard_error": 1.0} for key in CONTRAST_MEASURES}

    def contrast(best, **split):
        rates = {"lr1": 70.0, "lr2": 70.0, "lr3": 70.0, best: 80.0}
        candidates = [
            {"checkpoint": checkpoint, "sha256": "0", "score": score}
            for checkpoint, score in rates.items()
        ]
        rows = [{"name": "m<", "candidates": candidates}, {"name": "one", "candidates": []}]
        split = {"sets": 3, "examples": 9} | split
        checkpoints = [row | scores for row in rows]
        return report("contrast_sets", split=split, checkpoints=checkpoints)

    files = {f"valid/seed{n}.json": contrast(f"lr{n}") for n in (1, 2)}
    files["own.json"] = contrast("lr3", selected_on="contrast")
    content, left_out, *_ = build(write_files(tmp_path, files), "Title")
    words = check(content).words
    assert left_out == {}
    assert words.count("m<: best of 3 checkpoints on valid") == 1
    assert words.count("m<: best of 3 checkpoints on contrast") == 1
    for n in (1, 2):
        assert words.count(f"m<: lr{n}, of 3 the best on valid (80.0%)") == 1
    assert "m<: lr3, of 3 the best on contrast (80.0%)" in words and "one: " not in words


def test_summaries_have_sections_of_their_own(tmp_path, run_main):
    """The files that evaluation.cline_tables and evaluation.seeds write are shown."""
    scores = {key: {"value": 50.0, "standard_error": 1.0} for key in CONTRAST_MEASURES}
    models = [{"name": n, "checkpoint": n, "candidates": [], **scores} for n in ("m", "n")]
    folder = tmp_path / "imdb"
    for seed in (1, 2):
        rows = [{**model, "sha256": f"{model['name']}{seed}"} for model in models]
        contrast = report("contrast_sets", split={"sets": 3, "examples": 9}, checkpoints=rows)
        places = (f"share-{share}/seed{seed}/contrast.json" for share in (1, 0.1))
        write_files(folder, dict.fromkeys(places, contrast))
    summaries = tmp_path / "summaries"
    summaries.mkdir()
    run_main(cline_tables, tmp_path, "--json", summaries / "tables.json")
    reports = sorted(folder.glob("share-1/*/*.json"))
    run_main(seeds, *reports, "--json", summaries / "means.json")
    content, left_out, *_ = build(summaries, "Title")
    page = check(content)
    assert left_out == {}
    assert len(re.findall("<h2", content)) == 3
    cells = ["50.0 ± 0.0"] * 3
    # Nothing was chosen: no column says on what.
    assert ["imdb: m", "2", *cells] in page.cells
    assert ["imdb, 10%: n", "2", *cells] in page.cells
    assert ["n", "50.0 ± 0.0", "+0.0 ± 0.0", "50.0 ± 0.0", "50.0 ± 0.0"] in page.cells


def test_a_regression_has_no_confusion_matrix(tmp_path):
    regression = classification("m", 0.0, labels=())
    regression["checkpoints"][0]["metrics"] = {"Pearson": {"value": 80.0, "standard_error": 1.0}}
    content, left_out, *_ = build(write_files(tmp_path, {"sts.json": regression}), "Title")
    assert left_out == {} and "Confusion" not in check(content).words


def test_older_hits_have_no_bert_score(tmp_path):
    older = hits("m")
    del older["checkpoints"][0]["best"]["bert_score"], older["checkpoints"][0]["bert_score"]
    assert build(write_files(tmp_path, {"hits.json": older}), "Title")[1] == {}


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
    write_files(tmp_path, damaged() | broken | {"good.json": classification("m", 1.0)})
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    content, left_out, *_ = build(tmp_path, "Title")
    page = check(content)
    assert left_out.keys() == {*damaged(), *broken, "bytes.json"}
    assert all("damaged" in left_out[path] for path in damaged())
    assert "no JSON" in left_out["half.json"] and "no JSON" in left_out["bytes.json"]
    assert "not recognized" in left_out["other.json"]
    for path in left_out:
        assert path in page.words
    assert str(tmp_path) not in content


def test_equal_results_give_an_equal_page(tmp_path):
    folder = write_files(tmp_path, of_every_kind("m"))
    assert build(folder, "Title") == build(folder, "Title")


def test_nothing_to_show(tmp_path):
    with pytest.raises(InputError, match="no result of an evaluation.*--json"):
        build(write_files(tmp_path, {"other.json": {}}), "Title")


def test_several_models_are_compared_by_a_column_whose_direction_is_named(tmp_path):
    models = classification("a", 1.0)
    models["checkpoints"] *= 2
    perplexities = of_every_kind("b")["lm_robustness.json"]
    perplexities["checkpoints"] *= 2
    files = {"a.json": models, "b.json": perplexities, "c.json": classification("c", 1.0)}
    words = check(build(write_files(tmp_path, files), "Title")[0]).words
    assert words.count("Models are compared by “accuracy”: higher is better.") == 1
    assert words.count("Models are compared by “perplexity”: lower is better.") == 1


def test_a_new_kind_is_one_entry(tmp_path, monkeypatch, run_main, capsys):
    kind = Kind(
        title="Spelling: how many words are right?",
        meaning="The percentage of words without a mistake.",
        sample=lambda report: f"{report['words']} words",
        columns=lambda row: {"typos": Value(row["typos"]), "right": Value(row["right"], 0.5)},
        primary=("right",),
        decimals=2,
    )
    monkeypatch.setitem(KINDS, "spelling", kind)
    files = {
        f"seed{n}.json": report(
            "spelling",
            split="test",
            words=9,
            checkpoints=[
                {"name": name, "right": 80.0 + n * step, "typos": 4.0}
                for name, step in (("plain", 1), ("ours", 3))
            ],
        )
        for n in (1, 2)
    }
    folder = write_files(tmp_path, files)
    run_main(seeds, *(folder / name for name in files))
    assert capsys.readouterr().out.splitlines() == [
        "| | right | against plain | typos |",
        "|---|---|---|---|",
        "| plain | 81.50 ± 0.71 | - | 4.00 ± 0.00 |",
        "| ours | 84.50 ± 2.12 | +3.00 ± 1.41 | 4.00 ± 0.00 |",
    ]
    page = check(build(folder, "Title")[0])
    assert ["ours", "84.50 ± 2.12", "+3.00 ± 1.41", "4.00 ± 0.00"] in page.cells
    assert "Spelling: how many words are right?" in page.words and "9 words; 2 seeds" in page.words
