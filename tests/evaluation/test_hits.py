"""The command: its table, its report and its figure, of a data-bin and of plain text."""

import hashlib
import json
import shutil

import pytest
import torch
from toy_encoders import write_old_encoder

from data_prep.errors import InputError
from data_prep.tokenizers.sentencepiece_training import train
from fairseq_cline.evaluation import hits
from fairseq_cline.evaluation.encoders.checkpoint_hits import warning_of_few
from fairseq_cline.evaluation.encoders.pretrained_encoders import load_encoder, open_databin
from fairseq_cline.evaluation.encoders.triplet_counts import count_triplets, unmasked_triplets

CPU = torch.device("cpu")


def test_command(encoder_checkpoints, databin, tmp_path, run_main, capsys):
    stock, ours = encoder_checkpoints["stock"], encoder_checkpoints["cline"]
    report, figure = tmp_path / "hits.json", tmp_path / "hits.png"
    run_main(
        *(hits, f"stock={stock}", ours, "--data", databin, "--split", "valid", "--cpu"),
        *("--max-tokens", 400, "--json", report, "--plot", figure),
    )
    printed = capsys.readouterr().out
    result = json.loads(report.read_text())
    first, second = result["checkpoints"]
    assert [first["name"], second["name"]] == ["stock", ours.name]
    assert first["sha256"] == hashlib.sha256(stock.read_bytes()).hexdigest()
    manifest = (databin / "manifest.json").read_bytes()
    assert result["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    assert result["split"]["blocks"] == 24
    assert result["provenance"]["checkpoints"] == {
        "stock": {"checkpoint": stock.name},
        ours.name: {"checkpoint": ours.name},
    }
    for folder in (tmp_path, databin.parent, stock.parent):
        assert str(folder) not in report.read_text()
    assert first["rtd"] is None and set(second["rtd"]) == {"precision", "recall", "f1"}

    opened = open_databin(str(databin))
    model = load_encoder(str(stock), opened.dictionary)
    dataset = unmasked_triplets(opened, "valid", model.max_positions())
    counts = count_triplets(model, dataset, max_tokens=400, device=CPU)
    assert first["triplets"] == len(dataset)
    for measure in ("cls", "mean", "bert_score"):
        percents = (100 * counts[measure] / len(dataset)).tolist()
        assert first[measure] == pytest.approx(percents)
        assert first["best"][measure]["hits"] == pytest.approx(max(percents[1:]))
        # The table shows the same, with its best layer marked.
        assert f"{max(percents[1:]):5.1f} ± " in printed
    assert printed.count("*") == 1 + 3 * 2  # the legend, and three measures of two checkpoints
    assert "n = 24 triplets" in printed
    few = "warning: 24 triplets cannot tell models apart whose Hits differ by less than 29 points"
    assert printed.count("warning: ") == 1 and few in printed
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert not list(tmp_path.glob("*.tmp"))


def test_many_triplets_have_no_warning():
    assert warning_of_few(999) and not warning_of_few(1000)


def test_a_model_may_be_a_folder(encoder_checkpoints, databin, tmp_path, run_main, capsys):
    shutil.copy(encoder_checkpoints["stock"], tmp_path / "model.pt")
    printed = []
    for model in (tmp_path, tmp_path / "model.pt"):
        run_main(*(hits, f"a={model}", "--data", databin, "--split", "valid", "--cpu"))
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


def test_an_error_is_one_line(databin, tmp_path, capsys):
    path = tmp_path / "missing.pt"
    with pytest.raises(SystemExit) as stopped:
        hits.main([str(path), "--data", str(databin), "--split", "valid", "--cpu"])
    assert stopped.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"hits: error: {path}: cannot be read")


def test_missing_databin(encoder_checkpoints, tmp_path, run_main):
    with pytest.raises(InputError, match="missing is not a folder"):
        run_main(hits, encoder_checkpoints["stock"], "--data", tmp_path / "missing")


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    """A text of 30 sentences, a tokenizer trained on it, and a model with its dictionary."""
    folder = tmp_path_factory.mktemp("english")
    lines = [
        f"The {quality} {thing} was {feeling}, and many people began to love its story."
        for quality in ("good", "old", "long", "short", "rich")
        for thing, feeling in (
            *(("film", "happy"), ("book", "sad"), ("house", "large")),
            *(("road", "dark"), ("winter", "cold"), ("child", "young")),
        )
    ]
    text = folder / "reviews.txt"
    text.write_text("\n".join(lines) + "\n")
    train([str(text)], folder / "spm", vocabulary=290, sample=1000, seed=1)
    write_old_encoder(folder / "model.pt", folder / "spm", arch="cline_roberta_tiny")
    return folder


def read_text(english, run_main, report, *options):
    """The report on the text, through the command."""
    run_main(
        *(hits, english / "model.pt", "--text", english / "reviews.txt", "--json", report, "--cpu"),
        *("--tokenizer", english / "spm", *options),
    )
    return json.loads(report.read_text())


def test_plain_text(english, tmp_path, run_main):
    report, text = tmp_path / "hits.json", english / "reviews.txt"
    result = read_text(english, run_main, report)
    (checkpoint,) = result["checkpoints"]
    assert 0 < checkpoint["triplets"] <= 30
    assert result["split"]["blocks"] == checkpoint["triplets"]
    assert result["text_sha256"] == [hashlib.sha256(text.read_bytes()).hexdigest()]
    assert "manifest_sha256" not in result  # of a data-bin that is gone
    assert str(english) not in report.read_text()


def test_plain_text_with_one_word_replaced(english, tmp_path, run_main):
    split = read_text(english, run_main, tmp_path / "hits.json", "--one-word")["split"]
    assert split["synonym"] == split["antonym"] == split["blocks"] > 0


def test_one_word_is_decided_when_a_databin_is_made(databin, run_main):
    with pytest.raises(InputError, match="--one-word is for --text; .*data_prep.make_triplets"):
        run_main(hits, "unread.pt", "--data", databin, "--one-word")


def test_text_without_its_tokenizer(english, run_main):
    with pytest.raises(InputError, match="--text and --tokenizer FOLDER need each other"):
        run_main(hits, "unread.pt", "--text", english / "reviews.txt")


def test_missing_text(tmp_path, run_main):
    path = tmp_path / "missing.txt"
    with pytest.raises(InputError, match=f"--text {path}: no such file"):
        run_main(hits, "unread.pt", "--text", path, "--tokenizer", "spm")
