"""The command: its table, report and figure, of files of several forms."""

import hashlib
import json
import shutil

import pytest
from toy_encoders import write_encoder

from data_prep.errors import InputError
from data_prep.tokenizers.text_encoders import load_text_encoder
from fairseq_cline.evaluation import seeds, similarity
from fairseq_cline.evaluation.encoders.sts_files import read_scored_pairs
from fairseq_cline.evaluation.encoders.text_similarity import SimilaritySets, measure_similarity
from fairseq_cline.evaluation.reports.columns import similarities


@pytest.fixture(scope="module")
def folder(text_pairs, tmp_path_factory):
    """Two models with their tokenizer, one as a folder; files of STS and of opposites."""
    folder = tmp_path_factory.mktemp("similarity")
    for name, kind in (("one", "stock"), ("other", "cline")):
        (folder / name).mkdir()
        load_text_encoder(text_pairs / "data-bin").save(folder / name)
        write_encoder(folder / name / "model.pt", text_pairs / "data-bin", kind)
    (folder / "pairs.csv").write_text(
        "the cat sat,a cat sat,4\nthe dog ran,the cat sat,1.5\na dog,a dog ran here,3\ncat,dog,0\n"
    )
    (folder / "sts12").mkdir()
    (folder / "sts12" / "STS.input.a.txt").write_text("the cat\ta cat\nthe dog\tcat\na\tthe\n")
    (folder / "sts12" / "STS.gs.a.txt").write_text("5\n2\n1\n")
    (folder / "opposites.tsv").write_text("the cat sat\ta cat sat\tthe cat ran\na\tthe\tdog\n")
    (folder / "not.tsv").write_text("sentence\tnegated\nthe cat sat\tthe dog sat\na dog\tcat\n")
    return folder


def run(folder, run_main, *arguments):
    """The report of the command."""
    report = folder / "similarity.json"
    run_main(similarity, *arguments, "--cpu", "--json", report)
    content = json.loads(report.read_text())
    assert str(folder) not in report.read_text()
    report.unlink()
    return content


def test_command(folder, run_main, capsys):
    figure = folder / "figure.png"
    report = run(
        folder, run_main, folder / "one", f"b={folder / 'other' / 'model.pt'}",
        "--sts", f"STS-B={folder / 'pairs.csv'}", folder / "sts12",
        "--opposites", folder / "opposites.tsv", folder / "not.tsv", "--plot", figure,
    )  # fmt: skip
    printed = capsys.readouterr().out
    sha256 = hashlib.sha256((folder / "pairs.csv").read_bytes()).hexdigest()
    assert report["split"]["sts"]["STS-B"] == {"sentences": 4, "sha256": sha256}
    assert report["split"]["opposites"]["opposites.tsv"]["chance"] == 50.0
    assert report["split"]["negations"]["not.tsv"]["sentences"] == 2
    first, second = report["checkpoints"]
    assert [first["name"], second["name"]] == ["one", "b"]
    model = (folder / "one" / "model.pt").read_bytes()
    assert first["sha256"] == hashlib.sha256(model).hexdigest()
    sets = SimilaritySets(sts={"x": read_scored_pairs(str(folder / "pairs.csv"))})
    alone = measure_similarity(str(folder / "other"), sets, progress=False)
    score = second["features"]["mean"]["sts"]["STS-B"]["score"]
    assert score == vars(alone.features["mean"].sts["x"].score)
    assert f"{score['value']:.1f} ± {score['standard_error']:.1f}" in printed
    assert {*first["features"]["cls"]["sts"]["sts12"]["parts"]} == {"a"}
    assert figure.read_bytes().startswith(b"\x89PNG")


def test_the_columns_are_means_of_the_sets(folder, run_main):
    report = run(
        folder, run_main, folder / "one",
        "--sts", f"a={folder / 'pairs.csv'}", f"b={folder / 'sts12'}",
        "--opposites", folder / "opposites.tsv",
    )  # fmt: skip
    (row,) = report["checkpoints"]
    columns = similarities(row)
    assert [*columns] == [
        *("STS by mean", "opposites by mean", "STS by [CLS]", "opposites by [CLS]"),
        *("a by mean", "b by mean", "a by [CLS]", "b by [CLS]"),
    ]
    a, b = columns["a by mean"], columns["b by mean"]
    assert columns["STS by mean"].value == pytest.approx((a.value + b.value) / 2)
    error = (a.standard_error**2 + b.standard_error**2) ** 0.5 / 2
    assert columns["STS by mean"].standard_error == pytest.approx(error)


def test_seeds_compare_models_by_sts(folder, run_main, text_pairs, tmp_path, capsys):
    for seed in (1, 2):
        model = tmp_path / f"model{seed}.pt"
        kind = ("stock", "cline")[seed - 1]
        write_encoder(model, text_pairs / "data-bin", kind)
        run_main(
            similarity, f"a={model}", f"b={folder / ('one', 'other')[2 - seed]}",
            "--tokenizer", text_pairs / "data-bin", "--sts", folder / "pairs.csv",
            "--cpu", "--json", tmp_path / f"seed{seed}.json",
        )  # fmt: skip
    capsys.readouterr()
    run_main(seeds, tmp_path / "seed1.json", tmp_path / "seed2.json")
    head, _, a, b = capsys.readouterr().out.splitlines()[-4:]
    assert head.split(" | ")[1:3] == ["STS by mean", "against a"]
    assert a.startswith("| a |") and b.startswith("| b |")


def test_what_is_missing_is_said_before_any_model_runs(folder, tmp_path, run_main):
    one, csv = folder / "one", folder / "pairs.csv"
    shutil.copy(one / "model.pt", tmp_path / "alone.pt")
    for arguments, message in (
        ([one], "there is nothing to compare models on; give --sts, --opposites"),
        ([one, "--sts", tmp_path / "x.csv"], "x.csv: cannot be read"),
        ([one, "--sts", csv, csv], "--sts: two files have one name"),
        ([one, "--opposites", csv], "pairs.csv, line 1: not recognized; give lines of"),
        ([one, tmp_path / "alone.pt", "--sts", csv], "alone.pt: no tokenizer beside it"),
        ([one, tmp_path, "--sts", csv], "a folder without model.pt"),
    ):
        with pytest.raises(InputError, match=message):
            run_main(similarity, *arguments, "--cpu")


def test_what_is_read_is_not_written(folder, run_main):
    scores = folder / "sts12" / "STS.gs.a.txt"
    with pytest.raises(InputError, match="STS.gs.a.txt: is read by this command"):
        run_main(similarity, folder / "one", "--sts", folder / "sts12", "--json", scores)
