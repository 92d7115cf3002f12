import json

import pytest

from fairseq_cline.errors import InputError
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
