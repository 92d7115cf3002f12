"""One evaluation on a page: what limits its figures, and where they come from."""

from html_page import check
from toy_reports import classification, of_every_kind, report, write_files

from fairseq_cline.evaluation.reports.sections import build


def score(value, error=2.0):
    return {"value": value, "standard_error": error}


def contrast(**consistencies):
    rows = [
        {"name": name, "original": score(50.0), "contrast": score(50.0), "consistency": one}
        for name, one in consistencies.items()
    ]
    return report("contrast_sets", split={"sets": 3, "examples": 9}, checkpoints=rows)


def page_of(tmp_path, files):
    return check(build(write_files(tmp_path, files), "Title").content)


def test_a_seed_at_chance_is_named(tmp_path):
    stuck = classification("m", 54.9)
    stuck["checkpoints"][0]["confusion"] = [[50, 0], [45, 5]]
    words = page_of(
        tmp_path, {"a/seed1.json": classification("m", 80.0), "a/seed7.json": stuck}
    ).words
    sentence = "Stayed at chance: m, seed 7 (50.0, that of the largest class alone)."
    # On top, and with the figures.
    assert words.count(f"{sentence} The mean includes it.") == 2
    assert "seed 1 (" not in words


def test_one_answer_for_all_texts_is_chance(tmp_path):
    files = {"c-seed1.json": contrast(a=score(0.0, 0.0), b=score(30.0), c=score(1.0, 0.6))}
    words = page_of(tmp_path, files).words
    assert "Stayed at chance: a, c, seed 1 (no set right" in words
    assert "The mean includes it" not in words


def test_an_accuracy_is_at_chance_where_the_classes_are_known(tmp_path):
    attack = {"accuracy": score(52.0), "under_attack": score(10.0), "success_rate": score(9.0)}
    row = {"name": "m", "attack": attack | {"words_changed": None, "queries": 1.0}}
    split = {"name": "test", "attack": "pwws", "examples": 4}
    attacked = report("adversarial", split=split, checkpoints=[row])
    files = {"with.json": attacked | {"labels": ["a", "b"]}, "without.json": attacked}
    words = page_of(tmp_path, files).words
    assert words.count("Stayed at chance: m (50.0, that of a guess).") == 2


def test_code_that_no_commit_has_is_marked(tmp_path):
    modified = classification("m", 80.0)
    modified["provenance"] = {"commit": "abc1234+"}
    files = {"a-seed1.json": modified, "a-seed2.json": classification("m", 81.0)}
    built = build(write_files(tmp_path, files), "Title")
    assert built.modified == {"a-seed1.json": "abc1234+"}
    words = check(built.content).words
    assert words.count("Made with code that no commit has (modified): 1 of 2 files.") == 2
    assert "abc1234+" in words


def test_checkpoints_are_told_apart(tmp_path):
    result = classification("m", 80.0)
    result["checkpoints"][0]["sha256"] = "0123456789abcdef"
    recorded = {"m": {"checkpoint": "m/seed1/checkpoint_last.pt", "updates": 1500}}
    result["provenance"]["checkpoints"] = recorded
    older = classification("m", 81.0)
    older["checkpoints"][0]["sha256"] = "f" * 64
    twice = classification("m", 81.5)
    twice["checkpoints"][0]["sha256"] = "e" * 64
    older["provenance"]["command"] = "classify m=a/last.pt n=b/last.pt"
    twice["provenance"]["command"] = "classify m=last.pt n=last.pt"
    page = page_of(tmp_path, {"new.json": result, "older.json": older, "twice.json": twice})
    assert ["m", "m/seed1/checkpoint_last.pt", "1,500", "0123456789ab"] in page.cells
    assert ["m", "a/last.pt", "f" * 12] in page.cells
    assert ["m", "e" * 12] in page.cells


def test_a_model_that_sees_what_it_predicts_is_named(tmp_path):
    leaking = of_every_kind("m")["lm_robustness.json"]
    leaking["checkpoints"][0]["leaks_future"] = True
    words = page_of(tmp_path, {"a.json": leaking}).words
    assert "m is compared with nothing: it sees the words that it predicts." in words


def test_cells_name_their_columns_for_a_narrow_page(tmp_path):
    content = build(write_files(tmp_path, {"a.json": classification('"m"', 80.0)}), "Title").content
    assert '<td data-column="accuracy"><span>80.0 ± 2.5</span></td>' in content
    assert check(content).narrow == []  # of a single panel


def test_figures_of_several_panels_have_a_narrow_form(tmp_path):
    hits = of_every_kind("m")["hits.json"]
    assert len(page_of(tmp_path, {"a.json": hits}).narrow) == 1


def test_a_wide_table_becomes_several(tmp_path):
    wide = of_every_kind("m")["representation.json"]
    geometry = wide["checkpoints"][0]["features"]["m"]
    wide["checkpoints"][0]["features"] |= {"[CLS]": geometry, "mean": geometry}
    page = page_of(tmp_path, {"a.json": wide})
    heads = [row for row in page.cells if row[0] == "model"]
    assert heads == [["model", "positive", "random", "uniformity", "effective rank"]] * 3
