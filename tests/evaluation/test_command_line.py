"""The frame that the commands share."""

import logging

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation import command_line as commands


def test_a_checkpoint_is_called_by_its_file_or_as_one_likes(tmp_path):
    odd = tmp_path / "a=b.pt"
    odd.touch()
    texts = ["runs/lstm.pt", "second=runs/adaptive.pt", str(odd)]
    assert commands.named_paths(texts) == {
        "lstm.pt": "runs/lstm.pt",
        "second": "runs/adaptive.pt",
        "a=b.pt": str(odd),
    }


def test_two_of_one_name_are_refused():
    with pytest.raises(InputError, match="two checkpoints have one name"):
        commands.named_paths(["a=x.pt", "a=y.pt"])
    with pytest.raises(InputError, match="two files have one name"):
        commands.named_paths(["x/a", "y/a"], "files")


def test_outputs_are_checked_by_their_flags(tmp_path):
    commands.check_outputs(json=None, csv=str(tmp_path / "a.csv"))
    commands.check_outputs(json="in-this-folder.json")
    with pytest.raises(InputError, match="--csv .*none/a.csv: its folder does not exist"):
        commands.check_outputs(json=None, csv=str(tmp_path / "none" / "a.csv"))
    with pytest.raises(InputError, match="--json .*: is a folder"):
        commands.check_outputs(json=str(tmp_path))


def test_a_folder_gets_a_file_for_each_name(tmp_path):
    commands.make_folders(["a", "b"], logs=tmp_path / "new")
    commands.make_folders(["a", "b"], logs=tmp_path / "new")  # which is kept
    assert (tmp_path / "new").is_dir()
    with pytest.raises(InputError, match="lr/a: no name of a file in --logs; write NAME=path"):
        commands.make_folders(["lr/a"], logs=tmp_path / "other")
    assert not (tmp_path / "other").exists()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="--logs .*file: no folder .*; name one"):
        commands.make_folders(["a"], logs=tmp_path / "file")


def test_figures_need_matplotlib_and_only_they(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    commands.check_figures(plot=None)
    with pytest.raises(InputError, match="--tsne needs matplotlib: pip install matplotlib"):
        commands.check_figures(plot=None, tsne=str(tmp_path / "map.png"))


def test_the_debug_log_of_fairseq_stays_away():
    from data_prep.files.command_line import command_parser

    root = logging.getLogger()
    root.setLevel(logging.DEBUG)
    commands.parse(command_parser(__spec__, None), [])
    assert root.level == logging.INFO


def test_markdown_shows_a_text_as_it_is():
    assert commands.escaped("<unk> `a_b*|[c]") == r"\<unk\> \`a\_b\*\|\[c\]"
