"""The command: its table, its report and its figures."""

import hashlib
import json

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation import representation
from fairseq_cline.evaluation.encoders.sentence_vectors import PROJECTION


def test_command(encoder_checkpoints, databin, tmp_path, run_main, capsys):
    files = [tmp_path / name for name in ("r.json", "histogram.png", "tsne.png")]
    report, histogram, map_ = files
    kinds = ["stock", "cline", "baseline", "power", "none"]
    run_main(
        representation,
        *(f"{kind}={encoder_checkpoints[kind]}" for kind in kinds),
        *("--data", databin, "--split", "valid", "--limit", 20, "--tsne-limit", 6),
        *("--json", report, "--plot", histogram, "--tsne", map_, "--cpu"),
    )
    result = json.loads(report.read_text())
    assert [row["name"] for row in result["checkpoints"]] == kinds
    manifest = (databin / "manifest.json").read_bytes()
    split = result["split"]
    assert split["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    assert (split["name"], split["pairs"], split["seed"]) == ("valid", 20, 1)
    table = capsys.readouterr().out
    assert "20 positive pairs (" in table and "190 random pairs" in table
    for row in result["checkpoints"]:
        path = encoder_checkpoints[row["name"]]
        assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert row["cut"] == 0 and row["tsne_pair_distance"] > 0
        assert (row["features"][PROJECTION] is None) == (row["name"] not in ("power", "none"))
        for kind, geometry in row["features"].items():
            if geometry is None:
                continue
            positive, random = geometry["positive"], geometry["random"]
            assert sum(positive["histogram"]) == pytest.approx(1)
            assert geometry["alignment"] == pytest.approx(2 - 2 * positive["mean"])
            # Jensen: the log of the mean is not below the mean of the log.
            assert 0 >= geometry["uniformity"] >= -4 * (1 - random["mean"]) - 1e-9
            assert f"{kind:14}  {positive['mean']:.4f} ± " in table
    for path in (tmp_path, databin.parent, encoder_checkpoints["stock"].parent):
        assert str(path) not in report.read_text()
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (histogram, map_))
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_two_texts(text_pairs, tmp_path, run_main, capsys):
    report = tmp_path / "r.json"
    run_main(
        *(representation, text_pairs / "model.pt", "--data", text_pairs / "data-bin", "--cpu"),
        *("--original", text_pairs / "a.txt", "--perturbed", text_pairs / "b.txt"),
        *("--json", report),
    )
    assert "3 positive pairs (1 unchanged), 3 random pairs" in capsys.readouterr().out
    result = json.loads(report.read_text())
    digests = {
        name: hashlib.sha256((text_pairs / name).read_bytes()).hexdigest()
        for name in ("a.txt", "b.txt")
    }
    assert result["split"]["text_sha256"] == digests and result["split"]["unchanged"] == 1
    assert str(text_pairs) not in report.read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--limit", "1"], "--limit: '1' is not a whole number from 2"),
        (["--tsne-limit", "1"], "--tsne-limit: '1' is not a whole number from 2"),
        (["--original", "a.txt"], "--original and --perturbed need each other"),
        (["--split", "nowhere"], "no split 'nowhere'"),
        (["--plot", "nowhere/h.png"], "--plot nowhere/h.png: its folder"),
        (["--tsne", "nowhere/h.png"], "--tsne nowhere/h.png: its folder"),
    ],
)
def test_bad_arguments(encoder_checkpoints, databin, run_main, words, message):
    with pytest.raises(InputError, match=message):
        run_main(representation, encoder_checkpoints["stock"], "--data", databin, *words)


def test_one_pair_has_no_random_pair(make_databin, encoder_checkpoints, run_main):
    folder = make_databin("one", {"test": 1})
    with pytest.raises(InputError, match=r"one: 1 pair\(s\)"):
        run_main(representation, encoder_checkpoints["stock"], "--data", folder)
