import json

import pytest

from fairseq_cline.evaluation import seeds


@pytest.fixture
def classified(tmp_path):
    """Writes the results of `classify`, a file a seed: `classified({"plain": [70.0, 71.0]})`."""

    def write(rows: dict[str, list[float]]) -> list[str]:
        paths = []
        for seed, accuracies in enumerate(zip(*rows.values(), strict=True), 1):
            report = {
                "kind": "classify",
                "format": 1,
                "split": {"name": "test"},
                "checkpoints": [
                    {"name": name, "metrics": {"accuracy": {"value": accuracy}}}
                    for name, accuracy in zip(rows, accuracies, strict=True)
                ],
            }
            paths.append(str(tmp_path / f"seed{seed}.json"))
            with open(paths[-1], "w") as file:
                json.dump(report, file)
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
    assert (report["kind"], report["format"], report["of"]) == ("seeds", 1, "classify")
    cell = report["rows"]["cl"]["against twin"]
    assert cell["seeds"] == pytest.approx([2.0, 3.0, 1.0])
    assert [cell["mean"], cell["spread"], cell["p"]] == pytest.approx([2.0, 1.0, 0.0742], abs=1e-4)
    assert report["seeds"] == 3 and report["rows"]["twin"]["against twin"]["mean"] is None


def test_modified_code_is_named_in_one_line(classified, run_main, capsys):
    paths = classified({"plain": [70.0, 71.0]})
    with open(paths[1]) as file:
        report = json.load(file) | {"provenance": {"commit": "abc1234+"}}
    with open(paths[1], "w") as file:
        json.dump(report, file)
    run_main(seeds, *paths)
    *_, last = capsys.readouterr().out.splitlines()
    note = "made with modified code, which no commit has; make again:"
    assert last == f"{note} {paths[1]} (abc1234+)"
    run_main(seeds, paths[0])
    assert "modified" not in capsys.readouterr().out


def test_a_file_without_a_kind_ends_the_command_with_one_line(tmp_path, capsys):
    (tmp_path / "old.json").write_text('{"checkpoints": []}')
    with pytest.raises(SystemExit) as end:
        seeds.main([str(tmp_path / "old.json")])
    assert end.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"seeds: error: {tmp_path / 'old.json'}: not recognized: no result of")


def test_an_output_that_is_a_folder(classified, tmp_path, capsys):
    with pytest.raises(SystemExit):
        seeds.main([*classified({"plain": [70.0]}), "--json", str(tmp_path)])
    assert f"--json {tmp_path}: is a folder; give the name of a file" in capsys.readouterr().err
