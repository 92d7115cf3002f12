"""The library of the recipes: trainings that are done once, rows that failed, the encoder of results."""

import os
import re
import subprocess

import pytest
from dry_runs import ROOT

from data_prep.tokenizers.tokenizer_folders import FILES

pytestmark = pytest.mark.binaries
LIB = ROOT / "run" / "lib"
SOURCE = f". {LIB}/recipe.sh"


def test_results_of_another_encoder_are_not_taken(tmp_path):
    script = f'{SOURCE}; . {LIB}/same_inputs.sh; check_same_encoder "{tmp_path}/$1" "{tmp_path}"'
    for name, content, code in (("a", b"1", 0), ("b", b"1", 0), ("c", b"2", 1), ("a", b"1", 0)):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "model.pt").write_bytes(content)
        run = subprocess.run(
            ["bash", "-c", script, "recipe", name], check=False, capture_output=True, text=True
        )
        assert run.returncode == code
        said = f"recipe: error: {tmp_path} has results of another encoder than {tmp_path}/{name}; "
        assert run.stderr == (f"{said}name another OUT\n" if code else "")


def test_results_of_another_text_are_not_taken(tmp_path):
    (tmp_path / "a text").mkdir()
    script = (
        f'{SOURCE}; . {LIB}/same_inputs.sh; check_same_text "{tmp_path}/sum" "{tmp_path}/a text"'
    )
    for name, content, code in (
        ("a", "1", 0),
        ("a", "1", 0),
        ("b", "2", 1),
        ("b", "", 0),
        ("a", "2", 1),
    ):
        (tmp_path / "a text" / name).write_text(content)
        run = subprocess.run(
            ["bash", "-c", script, "recipe"], check=False, capture_output=True, text=True
        )
        said = f"error: {tmp_path} has results of another text than {tmp_path}/a text"
        assert run.returncode == code and run.stderr == f"recipe: {said}; name another OUT\n" * code


def test_a_databin_of_another_text_is_not_taken(tmp_path):
    (tmp_path / "text/mr").mkdir(parents=True)
    (tmp_path / "data/mr").mkdir(parents=True)
    script = f'{SOURCE}; dry_run= text="{tmp_path}/text"; . {LIB}/text_tasks.sh; '
    script += f'make_databin mr 1 "{tmp_path}/data/mr" --words'
    for label, code in (("a", 0), ("a", 0), ("b", 1)):
        (tmp_path / "text/mr/train.tsv").write_text(f"{label}\tb\n")
        run = subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True)
        assert run.returncode == code and ("of another text than" in run.stderr) == code, run.stderr


@pytest.fixture
def tokenizers(tmp_path):
    """Folders of two tokenizers with the same dictionary."""
    folders = [tmp_path / "one tokenizer", tmp_path / "another"]
    for folder in folders:
        folder.mkdir()
        (folder / "dict.txt").write_text("a 1\n")
        (folder / "tokenizer.json").write_text(folder.name)
    return folders


def assert_of_one_tokenizer(script, tokenizers):
    """It takes what it has made with the first one, not with the other."""
    for tokenizer, code in ((tokenizers[0], 0), (tokenizers[0], 0), (tokenizers[1], 1)):
        words = ["bash", "-c", script, "recipe", str(tokenizer)]
        run = subprocess.run(words, check=False, capture_output=True, text=True)
        said = f" has results of another tokenizer than {tokenizer}; name another OUT\n"
        assert run.returncode == code and run.stderr.endswith(said * code), run.stderr


def test_a_databin_of_another_tokenizer_is_not_taken(tmp_path, tokenizers):
    (tmp_path / "data/mr").mkdir(parents=True)
    script = f"{SOURCE}; dry_run= text=; . {LIB}/text_tasks.sh; "
    script += f'make_databin mr 1 "{tmp_path}/data/mr" '
    assert_of_one_tokenizer(f'{script} --tokenizer "$1"', tokenizers)
    subprocess.run(["bash", "-c", f"{script} --words"], check=True)


def test_triplets_of_another_tokenizer_are_not_taken(tmp_path, tokenizers):
    for file in ("text/test.txt", "triplets/manifest.json"):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).touch()
    script = f'{SOURCE}; . {LIB}/wordnet_triplets.sh; make_wordnet_triplets "{tmp_path}" "$1"'
    assert_of_one_tokenizer(script, tokenizers)


def test_all_files_of_a_tokenizer_are_compared():
    found = re.findall(r"for name in (.*); do", (LIB / "same_inputs.sh").read_text())
    assert [set(names.split()) for names in found] == [{*FILES}]


def test_clld_of_another_encoder_is_refused_before_the_work(dry_run, tmp_path):
    (tmp_path / "model.pt").touch()
    (tmp_path / "check points").mkdir()
    (tmp_path / "check points/encoder.sha256").write_text("another\n")
    run = dry_run(ROOT / "run/clld.sh", DRY_RUN=None, TEXT=None)
    assert run.returncode == 1 and run.stdout == ""
    assert "has results of another encoder than" in run.stderr and run.stderr.count("\n") == 1


def test_a_row_that_failed_is_not_taken_for_done(tmp_path):
    script = f"""
      {SOURCE}
      dry_run=
      . {LIB}/atcl_rows.sh
      train_row baseline cross_entropy "{tmp_path}/row" bash -c 'echo "$@" >&2; exit $((CODE))' -
    """
    folder = tmp_path / "row"
    for code, is_done in (("3", False), ("0", True), ("3", True)):
        run = subprocess.run(["bash", "-c", script], env={**os.environ, "CODE": code}, check=False)
        assert (folder / "done").exists() == is_done
        assert run.returncode == (0 if is_done else 3)
    line = f"--save-dir {folder} --criterion cross_entropy\n"
    assert (folder / "train.log").read_text() == 2 * line  # none for the row that was done


def test_a_model_of_other_settings_is_not_taken_for_done(tmp_path):
    script = f"{SOURCE}; dry_run=; . {LIB}/train_once.sh; "
    script += f'train_once "{tmp_path}/a b" bash -c "echo ok" -'
    for _ in range(2):
        subprocess.run(["bash", "-c", f"{script} --lr 1"], check=True, capture_output=True)
    other = ["bash", "-c", f"{script} --lr 2"]
    run = subprocess.run(other, check=False, capture_output=True, text=True)
    assert run.returncode == 1 and run.stdout == ""
    assert f"error: {tmp_path}/a b has a model of other settings" in run.stderr
    (tmp_path / "a b" / "done").unlink()
    (tmp_path / "a b" / "checkpoint_last.pt").touch()
    run = subprocess.run(other, check=False, capture_output=True, text=True)
    assert run.returncode == 1 and run.stdout == ""
    (tmp_path / "a b" / "done").touch()
    (tmp_path / "a b" / "command").unlink()
    subprocess.run(other, check=True, capture_output=True)
    assert (tmp_path / "a b" / "train.log").read_text() == "ok\n"  # trained once


def test_a_watched_model_of_other_settings_is_not_taken_for_done(tmp_path):
    """A terminal decides about the form of the log alone."""
    script = f"{SOURCE}; out=x updates=9 dry_run= PYTHON=; . {LIB}/watched_training.sh; "
    script += f'fairseq-train() {{ echo "$@"; touch "{tmp_path}/a b/checkpoint_last.pt"; }}; '
    script += f'train_watched "{tmp_path}/a b" 1'
    for code, options in ((0, "--lr 1"), (0, "--lr 1"), (1, "--lr 2")):
        words = ["bash", "-c", f"{script} {options}"]
        run = subprocess.run(words, check=False, capture_output=True, text=True)
        assert run.returncode == code and ("--log-format simple x/triplets" in run.stdout) == (
            not code
        )
    assert f"error: {tmp_path}/a b has a model of other settings" in run.stderr
    assert "--log-format" not in (tmp_path / "a b" / "command").read_text()


def test_a_mistyped_option_may_be_corrected(tmp_path):
    script = f'{SOURCE}; dry_run=; . {LIB}/train_once.sh; train_once "{tmp_path}/a"'
    for command, code in (("false", 1), ("true", 0)):
        assert subprocess.run(["bash", "-c", f"{script} {command}"], check=False).returncode == code


@pytest.mark.parametrize("name", ["INT", "TERM"])
def test_the_last_words_of_a_training_are_in_its_log(tmp_path, name):
    """Ctrl-C and batch systems signal all processes of a group."""
    script = f"{SOURCE}; dry_run=; . {LIB}/train_once.sh; "
    training = f"trap '' {name}; sleep 0.3; kill -{name} 0; sleep 0.3; echo stopped; exit 75"
    script += f'train_once "{tmp_path}/a" bash -c "{training}"'
    subprocess.run(["bash", "-c", script], check=False, start_new_session=True, capture_output=True)
    assert (tmp_path / "a" / "train.log").read_text() == "stopped\n"
    assert not (tmp_path / "a" / "done").exists()


def test_fine_tuning_counts_its_examples(tmp_path):
    """Training data that was enlarged gets as many epochs as that of the benchmark."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "train.tsv").write_text("a\tb\n" * 65)
    script = f"""
      {SOURCE}
      dry_run= encoder=x epochs=3 num_gpus=1
      . {LIB}/finetune.sh
      arch=bert
      train_once() {{ echo "$@"; }}
      finetune "{tmp_path}" folder 1 5000
    """
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert "--max-update 9 " in run.stdout  # 3 epochs of 3 batches of 32
