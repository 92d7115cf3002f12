"""fairseq-eval-lm without a row to score."""

import pytest
from training_logs import assert_one_line_error

from data_prep.errors import InputError
from fairseq_cline.compat.scored_rows import ScoredRows


def test_batches_pass_as_they_are():
    batches = [{"net_input": 1}, {}, {"net_input": 2}]
    rows = ScoredRows(batches, 3, 16)
    assert [*rows] == batches and len(rows) == 3


@pytest.mark.parametrize("batches", [[], [{}, {}]])
def test_a_perplexity_of_nothing_is_an_error(batches):
    with pytest.raises(InputError, match="none of the 1,234 rows is scored: .* at most 16 tokens"):
        [*ScoredRows(batches, 1234, 16)]


def test_rows_that_are_too_long(language_databin, run_fairseq, tmp_path):
    model = ["--arch", "transformer_lm", "--decoder-layers", 1, "--decoder-embed-dim", 8]
    model += ["--decoder-ffn-embed-dim", 8, "--decoder-attention-heads", 1]
    task = [language_databin, "--task", "language_modeling", "--cpu", "--num-workers", 0]
    done = run_fairseq(
        "train", *task, *model, "--tokens-per-sample", 16, "--max-tokens", 64, "--max-update", 1,
        "--disable-validation", "--save-dir", tmp_path, "--optimizer", "adam",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    path = ["--path", tmp_path / "checkpoint_last.pt"]
    done = run_fairseq("eval_lm", *task, *path, "--tokens-per-sample", 32)
    assert_one_line_error(done, "none of the", "give --tokens-per-sample 16 or less")
    done = run_fairseq("eval_lm", *task, *path, "--tokens-per-sample", 16)
    assert done.returncode == 0 and "Perplexity: " in done.stdout
    context = ["--tokens-per-sample", 16, "--context-window"]
    done = run_fairseq("eval_lm", *task, *path, *context, 16)
    assert_one_line_error(done, "--context-window", "less than --tokens-per-sample")
    done = run_fairseq("eval_lm", *task, *path, *context, 15)
    assert done.returncode == 0 and "Perplexity: " in done.stdout
