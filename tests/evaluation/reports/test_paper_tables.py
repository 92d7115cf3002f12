import json

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation.reports.notes import CHOSEN_ON_CONTRAST
from fairseq_cline.evaluation.reports.paper_tables import paper_tables, read_tables

CHECKPOINT = "lr1e-5/checkpoint_best.pt"
RATES = [
    {"checkpoint": f"lr{rate}/checkpoint_best.pt", "sha256": "0", "score": 90.0}
    for rate in ("1e-5", "2e-5")
]


def score(value):
    return {"value": value, "standard_error": 1.0}


@pytest.fixture
def save(tmp_path):
    """Writes a report where the recipe does: `save("imdb/share-1/seed1/contrast", ...)`."""

    def write(path: str, kind: str, rows: list[dict], **split) -> None:
        file = tmp_path / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        content = {"kind": kind, "format": 1, "split": split, "checkpoints": rows}
        file.write_text(json.dumps(content))

    return write


@pytest.fixture
def save_sets(save):
    """Contrast sets: `save_sets("imdb", "0.1", 2, cline=(90.0, 80.0, 75.0))`."""

    def write(task, share, seed, selected_on="valid", candidates=RATES, **models) -> None:
        measures = ("original", "contrast", "consistency")
        rows = [
            {
                "name": name.replace("_", "+"),
                "checkpoint": CHECKPOINT,
                "candidates": candidates,
                **dict(zip(measures, map(score, values), strict=True)),
                "cut": 7 if task == "mine" else 0,
            }
            for name, values in models.items()
        ]
        path = f"{task}/share-{share}/seed{seed}/contrast"
        save(path, "contrast_sets", rows, sets=1488, examples=2976, selected_on=selected_on)

    return write


def row_of(text: str, title: str, name: str) -> str:
    """The cells of a model in the table under a title."""
    section = text.partition(f"# {title}\n")[2].partition("\n#")[0]
    first = f"| {name} | " if name else "| | "
    (line,) = [line for line in section.splitlines() if line.startswith(first)]
    return line.removeprefix(first).removesuffix(" |")


def test_contrast_sets_over_seeds_and_tasks(tmp_path, save_sets):
    for seed, consistency in ((2, 70.0), (10, 74.0)):
        models = {"cline": (94.0, 93.0, consistency), "cline_FreeLB": (95.0, 94.0, 80.0)}
        save_sets("imdb", "1", seed, roberta=(93.0, 92.0, 60.0), **models)
    save_sets("mine", "1", 1, candidates=[], cline=(50.0, 40.0, 30.0))
    save_sets("boolq", "1", 1, roberta=(60.0, 50.0, 40.0), cline=(61.0, 51.0, 41.0))
    text = paper_tables(read_tables(tmp_path)) + "\n"
    title = "Table 4: contrast sets"
    # The paper's tasks in its order, others behind.
    assert row_of(text, title, "") == " | ".join(
        f"{task} {measure}"
        for task in ("imdb", "boolq", "mine")
        for measure in ("Ori", "Rev", "Con")
    )
    imdb = "94.0 ± 0.0 | 93.0 ± 0.0 | 72.0 ± 2.8"
    assert row_of(text, title, "cline") == f"{imdb} | 61.0 | 51.0 | 41.0 | 50.0 | 40.0 | 30.0"
    assert row_of(text, title, "roberta").endswith("| 60.0 | 50.0 | 40.0 | - | - | -")
    assert row_of(text, title, "cline+FreeLB").endswith("80.0 ± 0.0 | - | - | - | - | - | -")
    chosen = "of several learning rates the best on validation data"
    assert f"\n* imdb: 1,488 sets; seeds 2, 10; {chosen}\n" in text
    assert "\n* mine: 1,488 sets; seed 1; 7 examples cut to fit the model\n" in text
    assert "Table 5" not in text and "Table 6" not in text


def test_figures_that_were_chosen_on_the_test_set_say_so(tmp_path, save_sets):
    save_sets("imdb", "1", 1, selected_on="contrast", cline=(94.0, 93.0, 88.0))
    save_sets("snli", "1", 1, cline=(94.0, 93.0, 88.0))
    lines = paper_tables(read_tables(tmp_path)).splitlines()
    (imdb,) = [line for line in lines if line.startswith("* imdb")]
    (snli,) = [line for line in lines if line.startswith("* snli")]
    assert CHOSEN_ON_CONTRAST in imdb and "validation data" in snli and "CHOSEN" not in snli


def test_adversarial_examples_and_attacks_have_tables_of_their_own(tmp_path, save, save_sets):
    about = {"name": "cline", "checkpoint": CHECKPOINT}
    metrics = {"accuracy": score(75.0), "macro-F1": score(70.0)}
    ready = {**about, "candidates": [], "metrics": metrics}
    path = "ag/share-1/seed1/adversarial"
    save(path, "adversarial_examples", [ready], name="a.tsv", examples=1000)
    for name, left, rate in (("pwws", 25.0, 66.7), ("textattack-a2t", 50.0, 33.3)):
        attack = {"accuracy": score(75.0), "under_attack": score(left), "success_rate": score(rate)}
        attack |= {"words_changed": None, "queries": 40.0}
        row = {**about, "candidates": RATES, "attack": attack}
        path = f"mr/share-1/seed1/attack-{name}"
        save(path, "adversarial", [row], name="test", examples=4, attack=name)
    text = paper_tables(read_tables(tmp_path))
    assert "Table 4" not in text
    assert row_of(text, "Table 5: adversarial examples", "") == "ag accuracy"
    assert row_of(text, "Table 5: adversarial examples", "cline") == "75.0"
    title = "Table 5, live: under attack by "
    assert row_of(text, f"{title}pwws", "") == "mr accuracy | mr under attack | mr success rate"
    assert row_of(text, f"{title}pwws", "cline") == "75.0 | 25.0 | 66.7"
    assert row_of(text, f"{title}textattack-a2t", "cline") == "75.0 | 50.0 | 33.3"
    assert "* ag: 1,000 examples; seed 1\n" in text
    assert "* mr: 4 examples; seed 1; of several learning rates the best on validation" in text


def test_shares_of_the_training_data_beside_all_of_it(tmp_path, save_sets):
    models = {"cline": (81.0, 80.0, 72.0), "no-rtd": (80.0, 78.0, 68.0)}
    save_sets("boolq", "1", 1, **models, cline_FreeLB=(1.0, 1.0, 1.0))
    save_sets("boolq", "0.1", 1, **{name: (75.0, 69.0, 55.0) for name in models})
    save_sets("boolq", ".01", 1, cline=(71.0, 60.0, 33.0))
    save_sets("imdb", "1", 1, **models)
    text = paper_tables(read_tables(tmp_path))
    small = text.partition("## Table 6")[2]
    assert row_of(small, "boolq", "") == " | ".join(
        f"{share}% {measure}" for share in (1, 10, 100) for measure in ("Ori", "Rev", "Con")
    )
    whole = "75.0 | 69.0 | 55.0 | 80.0 | 78.0 | 68.0"
    assert row_of(small, "boolq", "no-rtd") == f"- | - | - | {whole}"
    assert row_of(small, "boolq", "cline").startswith("71.0 | 60.0 | 33.0 | 75.0")
    # FreeLB is run on all the data alone, imdb too.
    assert "FreeLB" not in small and "imdb" not in small
    assert "FreeLB" in text.partition("## Table 4")[2]


def test_names_cannot_break_a_table(tmp_path, save_sets):
    save_sets("a|b", "1", 1, **{"x|y": (1.0, 1.0, 1.0)})
    text = paper_tables(read_tables(tmp_path))
    assert r"| a\|b Ori |" in text and r"| x\|y | 1.0 |" in text


def test_a_folder_without_results_is_refused(tmp_path, save):
    save("imdb/share-1/seed1/something", "contrast_sets", [])
    with pytest.raises(InputError, match="no results in it; give the OUT"):
        read_tables(tmp_path)


def test_another_evaluation_in_the_place_of_one_is_refused(tmp_path, save):
    row = {"name": "cline", "metrics": {"accuracy": score(75.0)}}
    save("imdb/share-1/seed1/contrast", "classify", [row], name="test", examples=10)
    with pytest.raises(InputError, match="contrast.json: of the kind 'classify', but the place of"):
        read_tables(tmp_path)


def test_a_result_without_its_checkpoints_is_refused(tmp_path, save):
    row = {"name": "cline", "metrics": {"accuracy": score(75.0)}}
    save("ag/share-1/seed1/adversarial", "adversarial_examples", [row], name="t", examples=10)
    with pytest.raises(InputError, match="adversarial.json: without candidates, checkpoint; make"):
        read_tables(tmp_path)


def test_seeds_of_other_models_are_not_mixed(tmp_path, save_sets):
    save_sets("imdb", "1", 1, cline=(1.0, 1.0, 1.0))
    save_sets("imdb", "1", 2, dcl=(1.0, 1.0, 1.0))
    with pytest.raises(InputError, match="seed2/contrast.json: other checkpoints or data than in"):
        read_tables(tmp_path)
