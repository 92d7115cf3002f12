import json

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation import seeds
from fairseq_cline.evaluation.seeds import read, table


def write(path, cls, name="CLINE", blocks=10):
    row = {
        "name": name,
        "best": {"cls": {"hits": cls}, "mean": {"hits": 50.0}},
        "contrastive_accuracy": 90.0,
        "rtd": None,
    }
    path.write_text(json.dumps({"checkpoints": [row], "split": {"blocks": blocks}}))
    return str(path)


def test_mean_and_spread_over_seeds(tmp_path):
    paths = [write(tmp_path / f"{cls}.json", cls) for cls in (60.0, 62.0, 67.0)]
    rows = table(read(paths)).splitlines()
    assert rows[0].count("|") == rows[1].count("|") == rows[2].count("|")
    assert rows[2].startswith("| CLINE | 63.0 ± 3.6 | 50.0 ± 0.0 | 90.0 ± 0.0 |")
    assert "± " not in table(read(paths[:1]))


def test_language_models_are_compared_seed_by_seed(tmp_path):
    paths = []
    for seed, (base, ours) in enumerate([(100.0, 98.0), (104.0, 101.0), (96.0, 95.0)]):
        rows = [
            {
                "name": name,
                "epsilon": [0.0, 0.3, 1.0],
                "perplexity": [clean, clean + 1, clean + 2],
                "perplexity_after": [clean - 1, clean, clean + 5],
            }
            for name, clean in (("baseline", base), ("atcl", ours))
        ]
        paths.append(tmp_path / f"{seed}.json")
        paths[-1].write_text(json.dumps({"checkpoints": rows, "split": "test"}))
    header, _, baseline, atcl = table(read([str(path) for path in paths])).splitlines()
    assert header == "| | perplexity | against baseline | p | ε = 0.3 | ε = 1 | after, ε = 1 |"
    assert baseline.startswith("| baseline | 100.0 ± 4.0 | - | - | 101.0 ± 4.0 |")
    # The differences are -2, -3 and -1: their spread is less than that of either row, and t is
    # -2√3. With two degrees of freedom, p = 1 - |t| / √(t² + 2).
    p = f"{1 - 12**0.5 / 14**0.5:.2g}"
    assert atcl.startswith(f"| atcl | 98.0 ± 3.0 | -2.0 ± 1.0 | {p} | 99.0 ± 3.0 | 100.0 ± 3.0 |")


@pytest.fixture
def classified(tmp_path):
    """Writes the results of `classify`, a file a seed: `classified({"plain": [70.0, 71.0]})`."""

    def write(rows: dict[str, list[float]]) -> list[str]:
        paths = []
        for seed, accuracies in enumerate(zip(*rows.values(), strict=True), 1):
            checkpoints = [
                {"name": name, "metrics": {"accuracy": {"value": accuracy}}}
                for name, accuracy in zip(rows, accuracies, strict=True)
            ]
            paths.append(str(tmp_path / f"seed{seed}.json"))
            with open(paths[-1], "w") as file:
                json.dump({"checkpoints": checkpoints, "split": {"name": "test"}}, file)
        return paths

    return write


def test_two_baselines(classified, tmp_path, run_main, capsys):
    paths = classified(
        {"plain": [70.0, 70.2, 70.1], "twin": [70.5, 70.7, 70.6], "cl": [72.5, 73.7, 71.6]}
    )
    options = ["--against", "twin", "--against", "plain", "--json", tmp_path / "out.json"]
    run_main(seeds, *paths, *options)
    header, _, plain, twin, cl = capsys.readouterr().out.splitlines()
    assert header == "| | accuracy | against twin | p | against plain | p |"
    # Always half a point apart: a spread of 0 is no spread to test against.
    assert plain == "| plain | 70.1 ± 0.1 | -0.5 ± 0.0 | - | - | - |"
    assert twin == "| twin | 70.6 ± 0.1 | - | - | +0.5 ± 0.0 | - |"
    assert cl == "| cl | 72.6 ± 1.1 | +2.0 ± 1.0 | 0.074 | +2.5 ± 1.0 | 0.049 |"
    report = json.loads((tmp_path / "out.json").read_text())
    cell = report["rows"]["cl"]["against twin"]
    assert cell["seeds"] == pytest.approx([2.0, 3.0, 1.0])
    assert [cell["mean"], cell["spread"], cell["p"]] == pytest.approx([2.0, 1.0, 0.0742], abs=1e-4)
    assert report["seeds"] == 3 and report["rows"]["twin"]["against twin"]["mean"] is None


def test_two_seeds_are_too_few_for_a_test(classified):
    header, *_ = table(read(classified({"plain": [70.0, 71.0], "twin": [71.0, 71.5]}))).splitlines()
    assert header == "| | accuracy | against plain |"


def test_a_baseline_must_be_there_and_comparable(classified, tmp_path):
    reports = read(classified({"plain": [70.0, 71.0]}))
    with pytest.raises(InputError, match="--against twin: no such row; there are plain"):
        table(reports, ["twin"])
    hits = read([write(tmp_path / "one.json", 60.0)])
    with pytest.raises(InputError, match=r"'Hits \[CLS\]' is not compared; leave it out"):
        table(hits, ["CLINE"])


def test_translation_models_have_a_column_for_each_choice_of_words(tmp_path):
    rows = [
        {
            "name": name,
            "epsilon": [0.0, 3.0],
            "bleu": {"one word": [clean, clean - 1], "0.5 of the words": [clean, clean - 4]},
            "source_texts": {"synonyms": clean - 2},
        }
        for name, clean in (("baseline", 30.0), ("atcl", 31.0))
    ]
    (tmp_path / "one.json").write_text(json.dumps({"checkpoints": rows, "split": "test"}))
    header, _, baseline, atcl = table(read([str(tmp_path / "one.json")])).splitlines()
    assert header == (
        "| | BLEU | against baseline | one word, ε = 3 | 0.5 of the words, ε = 3 | synonyms |"
    )
    assert baseline == "| baseline | 30.0 | - | 29.0 | 26.0 | 28.0 |"
    assert atcl == "| atcl | 31.0 | +1.0 | 30.0 | 27.0 | 29.0 |"


def test_representations_have_more_decimals_and_may_lack_a_projection(tmp_path):
    def geometry(positive):
        cosines = {"positive": {"mean": positive}, "random": {"mean": 0.79}}
        return {**cosines, "uniformity": -0.8, "effective_rank": 12.0}

    paths = []
    for positive in (0.98, 0.986):
        rows = [
            {"name": "mlm", "features": {"projection": None, "[CLS]": geometry(positive)}},
            {"name": "dcl", "features": {"projection": geometry(0.5), "[CLS]": geometry(0.5)}},
        ]
        paths.append(tmp_path / f"{positive}.json")
        paths[-1].write_text(json.dumps({"checkpoints": rows, "split": "test"}))
    header, _, mlm, dcl = table(read([str(path) for path in paths])).splitlines()
    columns = ("positive", "random", "uniformity", "effective rank")
    names = [f"{kind}: {column}" for kind in ("projection", "[CLS]") for column in columns]
    assert header == f"| | {' | '.join(names)} |"
    assert mlm.startswith("| mlm | - | - | - | - | 0.983 ± 0.004 | 0.790 ± 0.000 | -0.800 ")
    assert dcl.startswith("| dcl | 0.500 ± 0.000 |")


@pytest.mark.parametrize("other", [{"name": "another"}, {"blocks": 11}])
def test_results_on_other_data_or_models_are_not_mixed(tmp_path, other):
    paths = [write(tmp_path / "one.json", 60.0), write(tmp_path / "two.json", 60.0, **other)]
    with pytest.raises(InputError, match="two.json"):
        read(paths)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "bad.json").write_text("[]")
    for name in ("bad.json", "absent.json"):
        with pytest.raises(InputError, match=name):
            read([str(tmp_path / name)])


@pytest.mark.parametrize("key", ["files", "sentences", "beam", "length_penalty", "manifest_sha256"])
def test_other_data_or_another_search_is_refused(tmp_path, key):
    paths = [write(tmp_path / f"{number}.json", 60.0) for number in (1, 2)]
    assert len(read(paths)) == 2
    for number, path in enumerate(paths):
        report = json.loads((tmp_path / path).read_text())
        (tmp_path / path).write_text(json.dumps({**report, key: number}))
    with pytest.raises(InputError, match="2.json: other checkpoints or data than in"):
        read(paths)


def test_invariance_has_the_flips_of_each_kind(tmp_path):
    def kind(original, perturbed, flips):
        values = {"original": original, "perturbed": perturbed, "flips": flips}
        return {name: {"value": value} for name, value in values.items()}

    kinds = {"typo": kind(80.0, 70.0, 20.0), "all": kind(82.0, 75.0, 12.0)}
    rows = [{"name": "mlm", "kinds": kinds}]
    (tmp_path / "one.json").write_text(json.dumps({"checkpoints": rows, "split": {}}))
    header, _, row = table(read([str(tmp_path / "one.json")])).splitlines()
    # Alone, it is compared with nothing.
    assert header == "| | accuracy | changed | flip rate | flips: typo |"
    assert row == "| mlm | 82.0 | 75.0 | 12.0 | 20.0 |"


def scores(**values):
    return {name: {"value": value, "standard_error": 1.0} for name, value in values.items()}


def test_contrast_sets_are_compared_by_consistency(tmp_path):
    paths = []
    for seed, consistency in enumerate((40.0, 44.0), 1):
        rows = [
            {"name": "mlm", **scores(original=90.0, contrast=70.0, consistency=consistency)},
            {"name": "cline", **scores(original=91.0, contrast=75.0, consistency=50.0)},
        ]
        paths.append(tmp_path / f"{seed}.json")
        paths[-1].write_text(json.dumps({"checkpoints": rows, "split": {"sets": 10}}))
    header, _, mlm, cline = table(read([str(path) for path in paths])).splitlines()
    assert header == "| | Con | against mlm | Ori | Rev |"
    assert mlm == "| mlm | 42.0 ± 2.8 | - | 90.0 ± 0.0 | 70.0 ± 0.0 |"
    assert cline == "| cline | 50.0 ± 0.0 | +8.0 ± 2.8 | 91.0 ± 0.0 | 75.0 ± 0.0 |"


def test_attacks_are_compared_by_the_accuracy_that_is_left(tmp_path):
    shares = scores(accuracy=80.0, under_attack=20.0, success_rate=75.0, words_changed=9.0)
    nothing = scores(accuracy=0.0, under_attack=0.0)
    nothing |= {"success_rate": None, "words_changed": None}
    rows = [
        {"name": "mlm", "attack": {**shares, "queries": 50.0}},
        {"name": "wrong", "attack": {**nothing, "queries": None}},
    ]
    for name, share in (("one", 0.25), ("other", 0.5)):
        report = {"checkpoints": rows, "split": {"max_share": share}}
        (tmp_path / f"{name}.json").write_text(json.dumps(report))
    with pytest.raises(InputError, match="other.json: other checkpoints or data"):
        read([str(tmp_path / f"{name}.json") for name in ("one", "other")])
    header, _, mlm, wrong = table(read([str(tmp_path / "one.json")])).splitlines()
    columns = "under attack | against mlm | accuracy | success rate | words changed | queries"
    assert header == f"| | {columns} |"
    assert mlm == "| mlm | 20.0 | - | 80.0 | 75.0 | 9.0 | 50.0 |"
    assert wrong == "| wrong | 0.0 | -20.0 | 0.0 | - | - | - |"


def test_hits_have_bert_score_where_it_was_measured(tmp_path):
    old = write(tmp_path / "old.json", 60.0)
    report = json.loads((tmp_path / "old.json").read_text())
    report["checkpoints"][0]["best"]["bert_score"] = {"hits": 66.0}
    (tmp_path / "new.json").write_text(json.dumps(report))
    header, _, row = table(read([str(tmp_path / "new.json")])).splitlines()
    assert header.startswith("| | Hits [CLS] | Hits mean | Hits BERTScore | contrastive accuracy |")
    assert row.startswith("| CLINE | 60.0 | 50.0 | 66.0 | 90.0 |")
    assert "BERTScore" not in table(read([old]))
    with pytest.raises(InputError, match="new.json: other checkpoints or data"):
        read([old, str(tmp_path / "new.json")])
