"""The command for BLEU under attack, against sacreBLEU on the translations that it writes."""

import json

import pytest
import sacrebleu

from data_prep.errors import InputError
from fairseq_cline.evaluation import translation_robustness


def test_the_command(translation_checkpoints, translation_data, tmp_path, run_main, capsys):
    paths = [f"{kind}={translation_checkpoints[kind]}" for kind in ("separate", "shared")]
    raw = translation_data / "raw" / "test.xx"
    (tmp_path / "backwards.xx").write_text(
        "".join(" ".join(line.split()[::-1]) + "\n" for line in raw.read_text().splitlines())
    )
    report, plot, folder = tmp_path / "report.json", tmp_path / "plot.png", tmp_path / "out"
    folder.mkdir()
    run_main(
        translation_robustness, *paths, "--data", translation_data, "--epsilon", 9, 0.5, "--relative",
        "--share", 0.5, "--source-text", f"same={raw}", tmp_path / "backwards.xx", "--beam", 2,
        "--batch-size", 8, "--translations", folder, "--json", report, "--plot", plot, "--cpu",
    )  # fmt: skip
    printed = capsys.readouterr().out
    results = json.loads(report.read_text())
    assert [row["name"] for row in results["checkpoints"]] == ["separate", "shared"]
    assert results["perturbed_words"]["one word"] == 21 < results["complete_words"]
    references = (translation_data / "raw" / "test.yy").read_text().splitlines()

    def bleu(what: str) -> float:
        lines = (folder / f"{row['name']}.{what}.yy").read_text().splitlines()
        return sacrebleu.corpus_bleu(lines, [references]).score

    for row in results["checkpoints"]:
        assert row["epsilon"] == [0.0, 0.5, 9.0]
        for which, name in (("one word", "one-word"), ("0.5 of the words", "0.5-of-the-words")):
            files = ["clean", f"{name}-epsilon-0.5", f"{name}-epsilon-9"]
            assert row["bleu"][which] == pytest.approx([*map(bleu, files)])
            cells = " | ".join(f"{score:.2f}" for score in row["bleu"][which])
            assert f"| {row['name']} | {which} | {cells} | " in printed
        clean, *_, worst = row["bleu"]["0.5 of the words"]
        assert clean > 50 > worst
        assert row["source_texts"]["same"] == pytest.approx(clean)
        backwards = row["source_texts"]["backwards.xx"]
        assert backwards == pytest.approx(bleu("source-backwards.xx")) and backwards < clean
    assert results["signature"] in printed and "tok:13a" in results["signature"]
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("flag", "values", "message"),
    [
        ("--epsilon", ["0"], "--epsilon 0: "),
        ("--share", ["1.5"], "--share 1.5: "),
        ("--beam", ["0"], "--beam: '0' is not a whole number from 1 to 1000"),
        ("--lenpen", ["nan"], "--lenpen: 'nan' is not a number from -10 to 10"),
        ("--batch-size", ["0"], "--batch-size: '0' is not a whole number from 1"),
        ("--translations", ["/dev/null"], "--translations /dev/null: exists already; choose"),
        ("--json", ["absent/report.json"], "--json absent/report.json: "),
        ("--split", ["train"], r"train.xx: no such file.*data_prep.parallel_text"),
        ("--source-text", ["absent.xx"], "absent.xx: cannot be read"),
        ("--source-text", ["a=b", "a=c"], "two --source-text files have one name"),
    ],
)
def test_bad_flags(translation_checkpoints, translation_data, run_main, flag, values, message):
    with pytest.raises(InputError, match=message):
        run_main(
            translation_robustness,
            translation_checkpoints["shared"],
            "--data",
            translation_data,
            "--cpu",
            flag,
            *values,
        )


def test_texts_that_do_not_fit(translation_checkpoints, translation_data, tmp_path, run_main):
    texts = {"short": "one line\n", "empty": "\n \n", "long": 21 * (1100 * "7" + "\n")}
    messages = ["short has 1 lines, .*test.yy has 21", "empty: no text in it", "pieces, .* at most"]
    for (name, content), message in zip(texts.items(), messages, strict=True):
        (tmp_path / name).write_text(content)
        with pytest.raises(InputError, match=message):
            run_main(
                translation_robustness, translation_checkpoints["shared"], "--data", translation_data, "--cpu",
                "--beam", 1, "--epsilon", 1, "--source-text", tmp_path / name,
            )  # fmt: skip
