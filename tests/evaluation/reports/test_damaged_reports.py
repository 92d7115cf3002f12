"""Reports of any content: a figure, or one line that names the file."""

import copy
import json
import os
from collections.abc import Iterator

import pytest
from toy_reports import hits, of_every_kind, report, write_files

from data_prep.errors import InputError
from fairseq_cline.evaluation import cline_tables, seeds
from fairseq_cline.evaluation.classifiers.confusions import read_confusions
from fairseq_cline.evaluation.reports.report_file import read_report, write_report
from fairseq_cline.evaluation.reports.sections import build

WRONG = ["a text", [], None, {}, 10**400, True, [["nested"]]]
SCORE = {"value": 50.0, "standard_error": 1.0}
CONTRAST = report(
    "contrast_sets",
    split={"sets": 3, "examples": 9},
    checkpoints=[
        {"name": "m", "checkpoint": "lr/a.pt", "candidates": [{"checkpoint": "x", "score": 3.0}]}
        | {"original": SCORE, "contrast": SCORE, "consistency": SCORE, "cut": 2}
    ],
)


def places(value, path=()) -> Iterator[tuple]:
    """The keys that lead to each value inside of another."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inner:
        yield (*path, key)
        if isinstance(part, dict | list):
            yield from places(part, (*path, key))


def changed(content) -> Iterator[dict]:
    """The content with each of its values wrong, or left out, one at a time."""
    for *path, last in places(content):
        for wrong in (..., *WRONG):
            new = copy.deepcopy(content)
            part = new
            for key in path:
                part = part[key]
            if wrong is ...:
                del part[last]
            else:
                part[last] = wrong
            yield new


@pytest.mark.parametrize("kind", [*of_every_kind("m")])
def test_seeds_of_any_content(kind, tmp_path, run_main):
    content = of_every_kind("m")[kind]
    content.pop("provenance", None)
    path = tmp_path / "a.json"
    refused, variants = 0, [*changed(content)]
    for new in variants:
        path.write_text(json.dumps(new))
        try:
            run_main(seeds, path)
        except InputError as error:
            refused += 1
            assert str(error).startswith(f"{path}: ") and "\n" not in str(error)
    assert refused > len(variants) / 3


def test_tables_of_any_content(tmp_path, run_main):
    path = tmp_path / "imdb" / "share-1" / "seed2" / "contrast.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(CONTRAST))
    run_main(cline_tables, tmp_path)
    for new in changed(CONTRAST):
        path.write_text(json.dumps(new))
        try:
            run_main(cline_tables, tmp_path)
        except InputError as error:
            assert str(error).startswith(f"{path}: ") and "\n" not in str(error)


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_page_of_any_content(wrong, tmp_path):
    files = {"ok.json": hits("m")}
    for name, content in of_every_kind("m").items():
        for key in ("checkpoints", "split", "labels", "rows", "evaluations"):
            if key in content:
                files[f"{key}-{name}"] = content | {key: wrong}
    write_files(tmp_path, files)
    content, left_out, *_ = build(tmp_path, "Title")
    assert content.endswith("</html>\n") and "ok.json" not in left_out
    assert set(left_out) <= set(files)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"a": NaN}', "1e999", ""])
def test_what_is_no_json_is_told_from_results(text, tmp_path):
    (tmp_path / "a.json").write_text(text)
    for read in (read_report, read_confusions):
        with pytest.raises(InputError, match="a.json: no JSON .*; make it again"):
            read(tmp_path / "a.json")


def test_a_pipe_in_the_folder_is_left_out(tmp_path):
    write_files(tmp_path, {"ok.json": hits("m")})
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    _, left_out, *_ = build(tmp_path, "Title")
    assert left_out == {
        "pipe.json": "cannot be read (a pipe or a device); give a file",
        "folder.json": "cannot be read (a folder); give a file",
    }


def test_a_figure_that_is_not_finite_is_no_json(tmp_path):
    with pytest.raises(InputError, match="a.json: not written, because a figure is not finite"):
        write_report(tmp_path / "a.json", "hits", {"checkpoints": [{"value": float("nan")}]})
    assert os.listdir(tmp_path) == []
