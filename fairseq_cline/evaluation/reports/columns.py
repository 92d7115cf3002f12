"""The figures of a checkpoint, by column: how they are found in its part of a report."""

from collections.abc import Mapping

from fairseq_cline.evaluation.reports.kind import Report, Value, Values

HITS_MEASURES = {"cls": "[CLS]", "mean": "mean", "bert_score": "BERTScore"}
SIMILARITY_FEATURES = {"cls": "[CLS]", "mean": "mean"}
SIMILARITY_MEASURES = {"sts": "STS", "opposites": "opposites", "negations": "negations"}
CONTRAST_MEASURES = {"original": "Ori", "contrast": "Rev", "consistency": "Con"}
# Beginning of a column's name -> what it counts, if not percent.
UNITS = {
    **dict.fromkeys(("STS", "Pearson", "Spearman", "Matthews"), "correlation x 100"),
    "negations": "cosine x 100",
    "queries": "texts",
}


def unit_of(column: str) -> str:
    """The unit of a column of figures that are drawn as dots."""
    return next((unit for start, unit in UNITS.items() if column.startswith(start)), "percent")


def _value(score: Mapping[str, float] | None, key: str = "value") -> Value | None:
    """A score of a report, as a figure."""
    return Value(score[key], score.get("standard_error")) if score else None


def hits(row: Report) -> Values:
    """Hits of the best layer of each measure, contrastive accuracy and RTD F1."""
    return {
        **{
            f"Hits {title}": _value(row["best"][measure], "hits")
            for measure, title in HITS_MEASURES.items()
            if measure in row["best"]  # older files are without BERTScore
        },
        "contrastive accuracy": Value(row["contrastive_accuracy"]),
        "RTD F1": _value(row["rtd"], "f1"),
    }


def similarities(row: Report) -> Values:
    """Each measure by each feature, the mean of its sets; then the sets, where there are several.

    The mean of the tokens comes first: it is the better vector of most encoders.
    """
    means, single = {}, {}
    for feature, title in reversed(SIMILARITY_FEATURES.items()):
        for measure, name in SIMILARITY_MEASURES.items():
            sets = row["features"][feature][measure]
            found = {f"{key} by {title}": scored["score"] for key, scored in sets.items()}
            if found:
                means[f"{name} by {title}"] = _mean_of_sets([*found.values()])
            if len(found) > 1:
                single |= {column: _value(score) for column, score in found.items()}
    return means | single


def _mean_of_sets(scores: list[Mapping[str, float]]) -> Value:
    """The mean of scores of different examples, whose errors are independent."""
    value = sum(score["value"] for score in scores) / len(scores)
    variance = sum(score["standard_error"] ** 2 for score in scores)
    return Value(value, variance**0.5 / len(scores))


def perplexities(row: Report) -> Values:
    """Clean, attacked, and that of the tokens after the perturbed word under the last attack."""
    clean, *attacked = row["perplexity"]
    epsilons = row["epsilon"][1:]
    return {
        "perplexity": Value(clean),
        **{f"ε = {e:g}": Value(value) for e, value in zip(epsilons, attacked, strict=True)},
        f"after, ε = {row['epsilon'][-1]:g}": Value(row["perplexity_after"][-1]),
    }


def translations(row: Report) -> Values:
    """BLEU: clean, with each choice of words attacked, and of other wordings of the source."""
    clean, *_ = (scores[0] for scores in row["bleu"].values())
    return {
        "BLEU": Value(clean),
        **{
            f"{which}, ε = {epsilon:g}": Value(score)
            for which, scores in row["bleu"].items()
            for epsilon, score in zip(row["epsilon"][1:], scores[1:], strict=True)
        },
        **{text: Value(score) for text, score in row["source_texts"].items()},
    }


def metrics(row: Report) -> Values:
    """The metrics of a classifier or of a regression."""
    return {name: _value(score) for name, score in row["metrics"].items()}


def representations(row: Report) -> Values:
    """Four figures of each kind of vectors; alignment is 2 - 2 times the first."""
    result: Values = {}
    for kind, geometry in row["features"].items():
        found = geometry and {
            "positive": geometry["positive"]["mean"],
            "random": geometry["random"]["mean"],
            "uniformity": geometry["uniformity"],
            "effective rank": geometry["effective_rank"],
        }
        for column in ("positive", "random", "uniformity", "effective rank"):
            result[f"{kind}: {column}"] = Value(found[column]) if found else None
    return result


def invariances(row: Report) -> Values:
    """Accuracies and flip rate of the examples of all kinds, then the flips of each kind."""
    everything = row["kinds"]["all"]
    return {
        "accuracy": _value(everything["original"]),
        "changed": _value(everything["perturbed"]),
        "flip rate": _value(everything["flips"]),
        **{
            f"flips: {kind}": _value(found["flips"])
            for kind, found in row["kinds"].items()
            if kind != "all"
        },
    }


def contrast_sets(row: Report) -> Values:
    """Both accuracies and the consistency."""
    return {title: _value(row[measure]) for measure, title in CONTRAST_MEASURES.items()}


def attacks(row: Report) -> Values:
    """Both accuracies, the success rate, and what a success costs."""
    attack = row["attack"]
    return {
        "accuracy": _value(attack["accuracy"]),
        "under attack": _value(attack["under_attack"]),
        "success rate": _value(attack["success_rate"]),
        "words changed": _value(attack["words_changed"]),
        "queries": None if attack["queries"] is None else Value(attack["queries"]),
    }
