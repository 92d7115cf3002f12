import json

from fairseq_cline.evaluation import cline_tables


def test_the_tables_are_printed_and_their_figures_written(tmp_path, run_main, capsys):
    for seed, consistency in ((2, 70.0), (10, 74.0)):
        scores = {
            name: {"value": value, "standard_error": 1.0}
            for name, value in (
                ("original", 94.0),
                ("contrast", 93.0),
                ("consistency", consistency),
            )
        }
        row = {"name": "cline", "checkpoint": "lr/a.pt", "candidates": [], **scores}
        split = {"sets": 1488, "examples": 2976}
        file = tmp_path / "imdb" / "share-1" / f"seed{seed}" / "contrast.json"
        file.parent.mkdir(parents=True)
        content = {"kind": "contrast_sets", "format": 1, "split": split, "checkpoints": [row]}
        file.write_text(json.dumps(content))
    run_main(cline_tables, tmp_path, "--json", tmp_path / "tables.json")
    assert "\n| cline | 94.0 ± 0.0 | 93.0 ± 0.0 | 72.0 ± 2.8 |\n" in capsys.readouterr().out
    report = json.loads((tmp_path / "tables.json").read_text())
    assert (report["kind"], report["format"]) == ("cline_tables", 1)
    (first,) = report["evaluations"]
    assert (first["task"], first["share"], first["kind"]) == ("imdb", 1.0, "contrast")
    assert first["seeds"] == [2, 10] and first["chosen"]["cline"] == ["lr/a.pt"] * 2
    assert first["rows"]["cline"]["Con"]["seeds"] == [70.0, 74.0]
    assert report["provenance"]["commit"]
