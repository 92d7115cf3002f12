"""Reports of every kind of evaluation, small and made up."""

import json


def report(kind, **content):
    return {"kind": kind, "format": 1, **content}


def classification(name, accuracy, labels=("neg", "pos"), kind="classify"):
    row = {
        "name": name,
        "metrics": {"accuracy": {"value": accuracy, "standard_error": 2.5}},
        "confusion": [[40, 10], [5, 45]] if labels else None,
    }
    return report(
        kind,
        provenance={"command": f"classify {name}", "commit": "abc"},
        labels=[*labels],
        split={"name": "test", "examples": 100},
        checkpoints=[row],
    )


def write_files(folder, files):
    """Writes contents, by the paths of their files under the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def hits(name):
    best = {measure: {"hits": 60.0} for measure in ("cls", "mean", "bert_score")}
    layers = {measure: [0.0, 60.0] for measure in best}
    row = {"name": name, "best": best, **layers, "contrastive_accuracy": 90.0, "rtd": None}
    return report("hits", split={"blocks": 8}, checkpoints=[row | {"triplets": 8}])


def of_every_kind(name):
    """One report of each kind, with `name` wherever a name can be."""
    score = {"value": 50.0, "standard_error": 1.0}
    change = {"examples": 9, "original": score, "perturbed": score, "flips": score}
    cosines = {"mean": 0.5, "histogram": [0.5, 0.5]}
    geometry = {"positive": cosines, "random": cosines, "uniformity": -1.0, "effective_rank": 2.0}
    sets = {name: {"score": score, "parts": {name: score}}, f"{name} 2": {"score": score}}
    similarities = {"sts": sets, "opposites": sets, "negations": {}}
    rows = {
        "invariance": {"kinds": {name: change, "all": change}},
        "representation": {"features": {name: geometry, "projection": None}},
        "similarity": {"features": {"cls": similarities, "mean": similarities}},
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
        "neighbours": {"distances": {name: {name: 1.0}}},
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
        "similarity": {"sts": {name: {"sentences": 9}}, "opposites": {name: {"sentences": 9}}},
        "contrast_sets": {"sets": 3, "examples": 9},
        "adversarial": {"name": name, "attack": name, "examples": 9},
    }
    reports = {
        f"{kind}.json": report(
            kind,
            provenance={"command": name, name: name},
            split=split.get(kind, name),
            labels=[name, f"{name} 2"],
            sentences=9,
            relative_epsilon=False,
            checkpoints=[{"name": name} | row],
        )
        for kind, row in rows.items()
    }
    cells = {name: {"seeds": [1.0, 2.0], "mean": 1.5, "spread": 0.7}}
    of_a_task = {"task": name, "share": 0.1, "kind": name, "seeds": [1, 2], "selected_on": name}
    evaluations = [of_a_task | {"rows": {name: cells}}]
    reports["tables.json"] = report("cline_tables", evaluations=evaluations)
    reports["means.json"] = report("seeds", of="classify", seeds=2, rows={name: cells})
    for kind in ("classify", "adversarial_examples"):
        reports[f"{kind}.json"] = classification(name, 50.0, [name, f"{name} 2"], kind)
    return reports | {"hits.json": hits(name)}
