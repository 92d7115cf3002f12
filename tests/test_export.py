"""export through its command line."""

import json
import shutil
from pathlib import Path

import pytest
import torch
import toy_encoders
import toy_reports
from toy_encoders import write_encoder

from data_prep.tokenizers.tokenizer_folders import tokenizer_kind
from fairseq_cline.export import main

text_pairs = toy_encoders.text_pairs


@pytest.fixture(scope="module")
def trained(text_pairs, tmp_path_factory) -> Path:
    """The folder of a checkpoint with its tokenizer beside it, as a training leaves it."""
    folder = tmp_path_factory.mktemp("trained")
    write_encoder(folder / "model.pt", text_pairs / "data-bin", "cline")
    for name in ("dict.txt", "spm.model"):
        (folder / name).write_bytes((text_pairs / "data-bin" / name).read_bytes())
    return folder


def test_the_default_is_a_folder_for_stock_fairseq(trained, tmp_path, capsys):
    main([str(trained), "--destdir", str(tmp_path / "plain")])
    errors = capsys.readouterr().err.splitlines()
    assert errors[-2] == "left out: CLINE's head for replaced tokens"
    assert errors[-1].startswith(f"{tmp_path / 'plain'}: fairseq, ")
    state = torch.load(tmp_path / "plain/model.pt", weights_only=True)
    assert state["cfg"]["model"]["_name"] == "roberta"
    assert tokenizer_kind(tmp_path / "plain") == ("spm.model",)
    assert (tmp_path / "plain/dict.txt").read_text() == (trained / "dict.txt").read_text()


def test_the_card_has_data_results_and_origin(trained, text_pairs, tmp_path):
    (tmp_path / "hits.json").write_text(json.dumps(toy_reports.hits("ours")))
    main([
        str(trained / "model.pt"), "--destdir", str(tmp_path / "hub"), "--format", "huggingface",
        "--data", str(text_pairs / "data-bin"), "--report", str(tmp_path / "hits.json"),
        "--license", "apache-2.0",
    ])  # fmt: skip
    text = (tmp_path / "hub/README.md").read_text()
    manifest = json.loads((text_pairs / "data-bin/manifest.json").read_text())
    assert "license: apache-2.0\nlibrary_name: transformers\npipeline_tag: fill-mask\n" in text
    assert f"all files: {manifest['sha256']}" in text
    assert "### Hits: is the kept meaning told" in text and "8 sentences" in text
    assert "| ours |" in text and "60.0" in text
    assert "| architecture | cline_roberta_tiny |" in text
    assert "- command: `" in text and "- commit: `" in text


@pytest.mark.parametrize("form", ["fairseq", "huggingface", "sentence-transformers"])
@pytest.mark.parametrize("beside", [".", "origin"])
def test_licenses_of_the_encoder_come_along(trained, tmp_path, form, beside):
    """Beside an imported model, or in the origin/ of a training."""
    folder = tmp_path / "trained"
    shutil.copytree(trained, folder)
    if beside == "origin":
        (folder / "model.pt").rename(folder / "checkpoint_last.pt")
        (folder / "LICENSE").write_text("another")
    files = {"LICENSE": b"free", "NOTICE.txt": b"\xff", "README.md": b"---\nlicense: mit\n---\n"}
    (folder / beside).mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / beside / name).write_bytes(content)
    name = "checkpoint_last.pt" if beside == "origin" else "model.pt"
    main([str(folder / name), "--destdir", str(tmp_path / "out"), "--format", form])
    assert (tmp_path / "out/LICENSE").read_bytes() == b"free"
    assert (tmp_path / "out/NOTICE.txt").read_bytes() == b"\xff"
    if form == "fairseq":
        assert not (tmp_path / "out/README.md").exists()
    else:
        assert (tmp_path / "out/README.md").read_text().startswith("---\nlicense: mit\n")


@pytest.mark.parametrize("words, message", [
    (["--format", "onnx"], "--format"),
    (["--license", "a b"], "--license 'a b'"),
    (["--data", "missing"], "missing"),
    (["--report", "missing.json"], "missing.json: cannot be read"),
    (["--report", "odd.json"], "odd.json: not recognized"),
    (["--tokenizer", "missing"], "--tokenizer"),
    (["--tokenizer", "words", "--format", "huggingface"], "words: a tokenizer of whole words"),
    (["--sentence-feature", "max"], "--sentence-feature"),
])  # fmt: skip
def test_bad_options_end_in_one_line(trained, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.json").write_text("{}")
    (tmp_path / "words").mkdir()
    for name in ("words.json", "dict.txt"):
        (tmp_path / "words" / name).write_text("a 1\n" if name == "dict.txt" else "{}")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(SystemExit, match="1"):
        main([str(trained), "--destdir", "new", *words])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("export: error: ") and message in line
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("checkpoint, destination, message", [
    ("missing.pt", "new", "missing.pt"),
    ("empty", "new", "empty: a folder without model.pt"),
    ("trained", "empty/there", "empty/there: exists already"),
])  # fmt: skip
def test_what_is_missing_or_there_is_said(
    trained, tmp_path, monkeypatch, capsys, checkpoint, destination, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty/there").mkdir(parents=True)
    (tmp_path / "empty/there/file").write_text("")
    (tmp_path / "dict.txt").write_text("a 1\n")
    (tmp_path / "trained").symlink_to(trained)
    with pytest.raises(SystemExit, match="1"):
        main([checkpoint, "--destdir", destination])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("export: error: ") and message in line
    assert not (tmp_path / "new").exists()
