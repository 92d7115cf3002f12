"""import_encoder through its command line."""

import pytest
from hub_models import write_hub_model

from fairseq_cline.import_encoder import main


def test_it_says_what_it_made_and_what_comes_next(tmp_path, capsys):
    write_hub_model(tmp_path / "theirs", "bert")
    capsys.readouterr()
    main([str(tmp_path / "theirs"), "--destdir", str(tmp_path / "ours")])
    first, fresh, *following = capsys.readouterr().out.splitlines()
    assert first == "bert: 3 layers x 16 channels, 8,834 parameters, 90 tokens, read by cls"
    assert fresh.startswith("made fresh: the masked-LM head")
    assert f"--tokenizer {tmp_path / 'ours'}" in following[0]
    assert f"--finetune-from-model {tmp_path / 'ours' / 'model.pt'}" in following[1]
    names = sorted(path.name for path in (tmp_path / "ours").iterdir())
    assert names == ["dict.txt", "model.pt", "tokenizer.json"]


@pytest.mark.parametrize("source, destination, message", [
    ("missing", "new", "missing: not a folder; give"),
    ("theirs", "theirs", "theirs: exists already"),
    ("theirs", "new", "theirs/config.json: cannot be read"),
])  # fmt: skip
def test_bad_input_ends_in_one_line(tmp_path, monkeypatch, capsys, source, destination, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/vocab.txt").write_text("a\n")
    with pytest.raises(SystemExit, match="1"):
        main([source, "--destdir", destination])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"import_encoder: error: {message}")
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]
