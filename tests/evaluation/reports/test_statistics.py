import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation.reports.kind import Results
from fairseq_cline.evaluation.reports.kinds import KINDS
from fairseq_cline.evaluation.reports.statistics import seeds_table, summarize


def table(kind, *seeds, against=None):
    """The Markdown table of the checkpoints of each seed."""
    results = Results(KINDS[kind], [{"checkpoints": rows} for rows in seeds])
    return seeds_table(summarize(results, against), len(seeds), results.kind.decimals).splitlines()


def hits(cls, **more):
    best = {"cls": {"hits": cls}, "mean": {"hits": 50.0}} | more
    return {"name": "CLINE", "best": best, "contrastive_accuracy": 90.0, "rtd": None}


def scores(**values):
    return {name: {"value": value, "standard_error": 1.0} for name, value in values.items()}


def classified(**accuracies):
    """The checkpoints of one seed."""
    return [
        {"name": name, "metrics": {"accuracy": {"value": accuracy}}}
        for name, accuracy in accuracies.items()
    ]


def test_mean_and_spread_over_seeds():
    seeds = [[hits(cls)] for cls in (60.0, 62.0, 67.0)]
    rows = table("hits", *seeds)
    assert rows[0].count("|") == rows[1].count("|") == rows[2].count("|")
    assert rows[2].startswith("| CLINE | 63.0 ± 3.6 | 50.0 ± 0.0 | 90.0 ± 0.0 |")
    assert "± " not in "".join(table("hits", seeds[0]))


def test_hits_have_bert_score_where_it_was_measured():
    header, _, row = table("hits", [hits(60.0, bert_score={"hits": 66.0})])
    assert header.startswith("| | Hits [CLS] | Hits mean | Hits BERTScore | contrastive accuracy |")
    assert row.startswith("| CLINE | 60.0 | 50.0 | 66.0 | 90.0 |")
    assert "BERTScore" not in "".join(table("hits", [hits(60.0)]))


def test_language_models_are_compared_seed_by_seed():
    seeds = [
        [
            {
                "name": name,
                "epsilon": [0.0, 0.3, 1.0],
                "perplexity": [clean, clean + 1, clean + 2],
                "perplexity_after": [clean - 1, clean, clean + 5],
            }
            for name, clean in (("baseline", base), ("atcl", ours))
        ]
        for base, ours in [(100.0, 98.0), (104.0, 101.0), (96.0, 95.0)]
    ]
    header, _, baseline, atcl = table("lm_robustness", *seeds)
    assert header == "| | perplexity | against baseline | p | ε = 0.3 | ε = 1 | after, ε = 1 |"
    assert baseline.startswith("| baseline | 100.0 ± 4.0 | - | - | 101.0 ± 4.0 |")
    # The differences are -2, -3 and -1: their spread is less than that of either row, and t is
    # -2√3. With two degrees of freedom, p = 1 - |t| / √(t² + 2).
    p = f"{1 - 12**0.5 / 14**0.5:.2g}"
    assert atcl.startswith(f"| atcl | 98.0 ± 3.0 | -2.0 ± 1.0 | {p} | 99.0 ± 3.0 | 100.0 ± 3.0 |")


def test_two_seeds_are_too_few_for_a_test():
    seeds = [classified(plain=70.0, twin=71.0), classified(plain=71.0, twin=71.5)]
    header, *_ = table("classify", *seeds)
    assert header == "| | accuracy | against plain |"


def test_a_baseline_must_be_there_and_comparable():
    with pytest.raises(InputError, match="--against twin: no such row; there are plain"):
        table("classify", classified(plain=70.0), against=["twin"])
    with pytest.raises(InputError, match=r"'Hits \[CLS\]' is not compared; leave it out"):
        table("hits", [hits(60.0)], against=["CLINE"])


def test_regressions_are_compared_by_pearson():
    rows = [
        {"name": name, "metrics": scores(Pearson=value, Spearman=70.0)}
        for name, value in (("a", 80.0), ("b", 82.0))
    ]
    header, _, _, second = table("classify", rows)
    assert header == "| | Pearson | against a | Spearman |"
    assert second == "| b | 82.0 | +2.0 | 70.0 |"


def test_translation_models_have_a_column_for_each_choice_of_words():
    rows = [
        {
            "name": name,
            "epsilon": [0.0, 3.0],
            "bleu": {"one word": [clean, clean - 1], "0.5 of the words": [clean, clean - 4]},
            "source_texts": {"synonyms": clean - 2},
        }
        for name, clean in (("baseline", 30.0), ("atcl", 31.0))
    ]
    header, _, baseline, atcl = table("translation_robustness", rows)
    assert header == (
        "| | BLEU | against baseline | one word, ε = 3 | 0.5 of the words, ε = 3 | synonyms |"
    )
    assert baseline == "| baseline | 30.0 | - | 29.0 | 26.0 | 28.0 |"
    assert atcl == "| atcl | 31.0 | +1.0 | 30.0 | 27.0 | 29.0 |"


def test_representations_have_more_decimals_and_may_lack_a_projection():
    def geometry(positive):
        cosines = {"positive": {"mean": positive}, "random": {"mean": 0.79}}
        return {**cosines, "uniformity": -0.8, "effective_rank": 12.0}

    seeds = [
        [
            {"name": "mlm", "features": {"projection": None, "[CLS]": geometry(positive)}},
            {"name": "dcl", "features": {"projection": geometry(0.5), "[CLS]": geometry(0.5)}},
        ]
        for positive in (0.98, 0.986)
    ]
    header, _, mlm, dcl = table("representation", *seeds)
    columns = ("positive", "random", "uniformity", "effective rank")
    names = [f"{kind}: {column}" for kind in ("projection", "[CLS]") for column in columns]
    assert header == f"| | {' | '.join(names)} |"
    assert mlm.startswith("| mlm | - | - | - | - | 0.983 ± 0.004 | 0.790 ± 0.000 | -0.800 ")
    assert dcl.startswith("| dcl | 0.500 ± 0.000 |")


def test_invariance_has_the_flips_of_each_kind():
    kinds = {
        "typo": scores(original=80.0, perturbed=70.0, flips=20.0),
        "all": scores(original=82.0, perturbed=75.0, flips=12.0),
    }
    header, _, row = table("invariance", [{"name": "mlm", "kinds": kinds}])
    # Alone, it is compared with nothing.
    assert header == "| | accuracy | changed | flip rate | flips: typo |"
    assert row == "| mlm | 82.0 | 75.0 | 12.0 | 20.0 |"


def test_contrast_sets_are_compared_by_consistency():
    seeds = [
        [
            {"name": "mlm", **scores(original=90.0, contrast=70.0, consistency=consistency)},
            {"name": "cline", **scores(original=91.0, contrast=75.0, consistency=50.0)},
        ]
        for consistency in (40.0, 44.0)
    ]
    header, _, mlm, cline = table("contrast_sets", *seeds)
    assert header == "| | Con | against mlm | Ori | Rev |"
    assert mlm == "| mlm | 42.0 ± 2.8 | - | 90.0 ± 0.0 | 70.0 ± 0.0 |"
    assert cline == "| cline | 50.0 ± 0.0 | +8.0 ± 2.8 | 91.0 ± 0.0 | 75.0 ± 0.0 |"


def test_attacks_are_compared_by_the_accuracy_that_is_left():
    shares = scores(accuracy=80.0, under_attack=20.0, success_rate=75.0, words_changed=9.0)
    nothing = scores(accuracy=0.0, under_attack=0.0)
    nothing |= {"success_rate": None, "words_changed": None}
    rows = [
        {"name": "mlm", "attack": {**shares, "queries": 50.0}},
        {"name": "wrong", "attack": {**nothing, "queries": None}},
    ]
    header, _, mlm, wrong = table("adversarial", rows)
    columns = "under attack | against mlm | accuracy | success rate | words changed | queries"
    assert header == f"| | {columns} |"
    assert mlm == "| mlm | 20.0 | - | 80.0 | 75.0 | 9.0 | 50.0 |"
    assert wrong == "| wrong | 0.0 | -20.0 | 0.0 | - | - | - |"
