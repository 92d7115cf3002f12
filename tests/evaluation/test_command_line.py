"""The frame that the commands share."""

import logging
from argparse import Namespace

import pytest

from data_prep.errors import InputError
from data_prep.files.whole import write_text
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


@pytest.mark.parametrize(
    "text", ["=x.pt", "a\nb=x.pt", "/", "x/\udcff.pt", "a" * 201 + "=x.pt", "a\u202eb=x"]
)
def test_a_name_fits_a_table_and_a_file(text):
    with pytest.raises(InputError, match="has no name of 1 to 200 printable letters; write NAME="):
        commands.named_paths([text])


def test_a_folder_is_called_by_its_name():
    assert commands.named_paths(["some/minilm/", "b=other/"]) == {
        "minilm": "some/minilm/",
        "b": "other/",
    }


def test_a_name_without_a_path_is_refused():
    with pytest.raises(InputError, match="^a=: has no path behind the name; write NAME=path$"):
        commands.named_paths(["a="])


def test_outputs_are_checked_by_their_flags(tmp_path):
    commands.check_outputs(Namespace(json=None, csv=str(tmp_path / "a.csv")), "json", "csv")
    commands.check_outputs(Namespace(json="in-this-folder.json"), "json")
    with pytest.raises(InputError, match="--csv .*none/a.csv: its folder does not exist"):
        args = Namespace(json=None, csv=str(tmp_path / "none" / "a.csv"))
        commands.check_outputs(args, "json", "csv")
    with pytest.raises(InputError, match="--json .*: is a folder"):
        commands.check_outputs(Namespace(json=str(tmp_path)), "json")
    with pytest.raises(InputError, match="--json : is no name of a file; give one"):
        commands.check_outputs(Namespace(json=""), "json")


def test_whatever_file_the_arguments_name_is_not_written_over(tmp_path):
    paths = {}
    for name in ("model.pt", "sets.tsv", "result.json", "further"):
        path = tmp_path / name
        path.touch()
        paths[name] = str(path)
    args = Namespace(
        checkpoints=[f"a={paths['model.pt']}"], sets=tmp_path / "sets.tsv", top=3,
        reports=[paths["result.json"]], json=None, plot=None,
    )  # fmt: skip
    commands.check_outputs(args, "json", figures=["plot"], read=[paths["further"]])
    for path in paths.values():
        args.json = path
        with pytest.raises(InputError, match=f"--json {path}: is read by this command; give ano"):
            commands.check_outputs(args, "json", figures=["plot"], read=[paths["further"]])
    args.json = args.plot = str(tmp_path / "new")
    with pytest.raises(InputError, match="--json and --plot both name .*new; give two files"):
        commands.check_outputs(args, "json", figures=["plot"])


def test_a_folder_for_files_is_checked_and_not_made(tmp_path):
    args = Namespace(logs=str(tmp_path / "new"), checkpoints=[str(tmp_path / "a.pt")])
    commands.check_folder(args, "logs", ["a.tsv"])
    assert not (tmp_path / "new").exists()
    with pytest.raises(InputError, match="lr/a: no name of a file in --logs; write NAME=path"):
        commands.check_folder(args, "logs", ["lr/a"])
    (tmp_path / "a.pt").touch()
    args.logs = str(tmp_path)
    commands.check_folder(args, "logs", ["b.tsv"])
    with pytest.raises(InputError, match="--logs .*a.pt: is read by this command"):
        commands.check_folder(args, "logs", ["a.pt"])
    args.logs = str(tmp_path / "a.pt")
    with pytest.raises(InputError, match="--logs .*a.pt: exists already; choose another folder"):
        commands.check_folder(args, "logs", ["b.tsv"])
    args.logs = None
    commands.check_folder(args, "logs", ["b.tsv"])


def test_figures_need_matplotlib_and_only_they(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    args = Namespace(plot=None, tsne=None)
    commands.check_outputs(args, figures=["plot", "tsne"])
    args.tsne = str(tmp_path / "map.png")
    with pytest.raises(
        InputError, match=r"--tsne: matplotlib is not installed \(extra \[plots\]\)"
    ):
        commands.check_outputs(args, figures=["plot", "tsne"])


def test_an_output_that_fails_does_not_stop_the_others(tmp_path):
    args = Namespace(
        csv=str(tmp_path / "no" / "a"), json="/dev/full", plot=str(tmp_path / "b"), x=None
    )
    written = []

    def refuse(path: str) -> None:
        raise InputError(f"{path}: these results have no figure; leave it out")

    with pytest.raises(InputError) as failed:
        commands.write_outputs(
            args,
            csv=lambda path: write_text(path, "a"),
            json=lambda path: write_text(path, "a" * 100_000),
            plot=lambda path: written.append(path),
            x=refuse,
        )
    assert written == [args.plot]
    assert str(failed.value) == (
        f"--csv {tmp_path}/no/a: No such file or directory; check its path, permissions and disk; "
        "--json /dev/full: No space left on device; check its path, permissions and disk; "
        "the results are those printed above"
    )
    args = Namespace(x="a.png")
    with pytest.raises(
        InputError, match="^--x a.png: these results have no figure; leave it out; the"
    ):
        commands.write_outputs(args, x=refuse)


def test_the_debug_log_of_fairseq_stays_away():
    from data_prep.files.command_line import command_parser

    root = logging.getLogger()
    root.setLevel(logging.DEBUG)
    commands.parse(command_parser(__spec__, None), [])
    assert root.level == logging.INFO


def test_markdown_shows_a_text_as_it_is():
    assert commands.escaped("<unk> `a_b*|[c]") == r"\<unk\> \`a\_b\*\|\[c\]"
