"""ATCL language modeling through the real binaries, each run in a process of its own."""

import math
import shutil

import pytest
import torch
from fairseq.checkpoint_utils import load_model_ensemble
from fairseq.data import Dictionary, data_utils
from training_logs import assert_one_line_error, logged

from fairseq_cline.criterions.atcl_cross_entropy import (
    AtclCrossEntropyConfig,
    AtclCrossEntropyCriterion,
)
from fairseq_cline.tasks.atcl_lm import AtclLmConfig, AtclLmTask

SIZE = ["--decoder-layers", 2, "--decoder-embed-dim", 32, "--decoder-ffn-embed-dim", 64]
OTHER = ["--decoder-layers", "[(32, 3)]", "--decoder-embed-dim", 32]
STOCK = ["--arch", "transformer_lm", *SIZE, "--decoder-attention-heads", 2]
TENSORIZED = ["--arch", "tensorized_transformer_lm", *SIZE, "--attention-rank", 8]
TENSORIZED += ["--adaptive-softmax-cutoff", "10,20"]
ATCL = ["--task", "atcl_lm", "--criterion", "atcl_cross_entropy"]
LSTM = ["--arch", "lstm_lm", "--decoder-embed-dim", 32, "--decoder-out-embed-dim", 32]
LSTM += ["--adaptive-softmax-cutoff", "10,20"]
# No worker processes, unless a test asks for them: fairseq waits 5 s for each to end.
LOG = ["--cpu", "--log-format", "json", "--log-interval", 1, "--num-workers", 0]
TRAIN = ["--optimizer", "adam", "--lr", 5e-3, "--clip-norm", 1.0, *LOG, "--no-epoch-checkpoints"]
TRAIN += ["--tokens-per-sample", 16, "--batch-size", 8]
PLAIN = {"loss", "ppl"}
FIGURES = PLAIN | {
    *("adversarial_loss", "contrastive_loss", "positive_cosine"),
    *("delta_norm", "loss_rise", "candidate_share"),
}


def figures(process):
    return [{key: line[key] for key in FIGURES} for line in logged(process)]


def model_of(folder, databin):
    path, data = str(folder / "checkpoint_last.pt"), {"data": str(databin)}
    (model,), _ = load_model_ensemble([path], arg_overrides=data)
    return model.eval()


def perplexity(model, databin, split, block, context=0):
    """Perplexity of the text of a split in blocks, each after the last `context` tokens before it."""
    dictionary = Dictionary.load(str(databin / "dict.txt"))
    text = torch.cat(list(data_utils.load_indexed_dataset(str(databin / split), dictionary))).long()
    before = torch.cat([torch.tensor([dictionary.eos()]), text[:-1]])
    total = 0.0
    for begin in range(0, len(text), block):
        target = text[begin : begin + block]
        output = model(before[max(begin - context, 0) : begin + block].unsqueeze(0))
        log_p = model.get_normalized_probs(output, log_probs=True)[0, -len(target) :]
        total -= log_p.gather(1, target.unsqueeze(1)).sum().item()
    return math.exp(total / len(text))


def evaluated(process):
    """The perplexity that fairseq-eval-lm prints."""
    assert process.returncode == 0, process.stderr
    return float((process.stdout + process.stderr).rsplit("Perplexity: ", 1)[1].split()[0])


@pytest.fixture(scope="module")
def trained(language_databin, run_fairseq, tmp_path_factory):
    """A stock transformer: 8 epochs of 7 updates, and a checkpoint in the middle of the second."""
    folder = tmp_path_factory.mktemp("transformer")
    process = run_fairseq(
        "train", language_databin, *ATCL, *STOCK, *TRAIN, "--max-epoch", 8,
        "--save-interval-updates", 9, "--save-dir", folder,
    )  # fmt: skip
    return process, folder


def test_training_logs_every_figure_and_learns(trained):
    process, _ = trained
    lines = logged(process)
    assert len(lines) == 56
    for line in lines:
        assert line.keys() >= FIGURES
        assert float(line["delta_norm"]) == pytest.approx(0.03, abs=1e-4)
        assert float(line["candidate_share"]) > 0.9
    # Of 5.1 bits a token, for 33 symbols, the source of the text itself has about 0.9.
    assert float(lines[0]["loss"]) > 4
    last = logged(process, "train")[-1]
    assert float(last["train_loss"]) < 1.2
    assert float(last["train_adversarial_loss"]) < 1.2
    assert float(last["train_contrastive_loss"]) < float(lines[0]["contrastive_loss"]) - 1


def test_validation_is_plain(trained):
    for line in logged(trained[0], "valid"):
        assert not [key for key in FIGURES - PLAIN if f"valid_{key}" in line]
    assert float(logged(trained[0], "valid")[-1]["valid_ppl"]) < 2.5


def test_resuming_in_the_middle_of_an_epoch_with_a_worker_changes_nothing(
    trained, language_databin, run_fairseq, tmp_path
):
    shutil.copy(trained[1] / "checkpoint_2_9.pt", tmp_path / "checkpoint_last.pt")
    resumed = run_fairseq(
        "train", language_databin, *ATCL, *STOCK, *TRAIN, "--max-update", 16, "--save-dir",
        tmp_path, "--disable-validation", "--num-workers", 1,
    )  # fmt: skip
    assert figures(resumed) == figures(trained[0])[9:16]


@pytest.mark.parametrize(
    ("model", "criterion"), [(STOCK, "cross_entropy"), (LSTM, "adaptive_loss")]
)
def test_without_weights_it_is_the_baseline(language_databin, run_fairseq, model, criterion):
    """The same batches, dropout masks and losses as fairseq's own task and criterion."""
    settings = [*model, *TRAIN, "--no-save", "--max-epoch", 1, "--ddp-backend", "legacy_ddp"]
    weights = ["--adversarial-weight", 0, "--contrastive-weight", 0]
    ours = run_fairseq("train", language_databin, *ATCL, *weights, *settings)
    stock = run_fairseq(
        "train", language_databin, "--task", "language_modeling", "--criterion", criterion,
        *settings,
    )  # fmt: skip
    for kind, keys in (("train_inner", ["loss", "ppl", "gnorm"]), ("valid", ["valid_loss"])):
        a, b = ([[line[key] for key in keys] for line in logged(p, kind)] for p in (ours, stock))
        assert a and a == b
    assert not (FIGURES - PLAIN) & logged(ours)[0].keys()


def test_an_adaptive_lstm_is_evaluated_as_it_was_trained(language_databin, run_fairseq, tmp_path):
    process = run_fairseq(
        "train", language_databin, *ATCL, *LSTM, *TRAIN, "--max-epoch", 1, "--save-dir", tmp_path
    )
    assert model_of(tmp_path, language_databin).decoder.adaptive_softmax.cutoff[:2] == [10, 20]
    line = ("--path", tmp_path / "checkpoint_last.pt", "--gen-subset", "valid", "--cpu")
    found = run_fairseq("eval_lm", language_databin, *line, "--tokens-per-sample", 16)
    expected = float(logged(process, "valid")[-1]["valid_ppl"])
    assert evaluated(found) == pytest.approx(expected, abs=0.02)


def test_validate_agrees_with_training(trained, language_databin, run_fairseq):
    process, folder = trained
    validated = run_fairseq(
        "validate", language_databin, "--task", "atcl_lm", "--path",
        folder / "checkpoint_last.pt", "--batch-size", 8, *LOG,
    )  # fmt: skip
    last, found = (logged(p, "valid")[-1] for p in (process, validated))
    assert last["valid_ppl"] == found["valid_ppl"]


def test_evaluation_with_a_context_window(trained, language_databin, run_fairseq):
    """Blocks of 12 tokens, each after 4 tokens of context."""
    process = run_fairseq(
        "eval_lm", language_databin, "--task", "atcl_lm", "--path",
        trained[1] / "checkpoint_last.pt", "--gen-subset", "test", "--tokens-per-sample", 16,
        "--context-window", 4, "--batch-size", 3, *LOG,
    )  # fmt: skip
    expected = perplexity(
        model_of(trained[1], language_databin), language_databin, "test", 12, context=4
    )
    assert evaluated(process) == pytest.approx(expected, abs=0.006)
    assert expected < 2.5


@pytest.fixture(scope="module")
def tensorized(language_databin, run_fairseq, tmp_path_factory):
    """Adaptive soft-max, detached anchor, both kinds of negatives, two batches an update."""
    folder = tmp_path_factory.mktemp("tensorized")
    command = [
        language_databin, *ATCL, *TENSORIZED, *TRAIN, "--dropout", 0, "--max-epoch", 12,
        "--disable-validation", "--detach-anchor", "--negatives", "both",
    ]  # fmt: skip
    process = run_fairseq("train", *command, "--update-freq", 2, "--save-dir", folder)
    return process, folder, command


def test_the_tensorized_transformer_learns(tensorized):
    lines = logged(tensorized[0])
    assert len(lines) == 12 * 4
    assert all(line.keys() >= FIGURES for line in lines)
    last = logged(tensorized[0], "train")[-1]
    assert float(last["train_loss"]) < 1.2
    assert float(last["train_loss_rise"]) > 0  # without dropout, by the perturbation alone


def test_evaluation_of_the_tensorized_transformer(tensorized, language_databin, run_fairseq):
    process = run_fairseq(
        "eval_lm", language_databin, "--path", tensorized[1] / "checkpoint_last.pt",
        "--gen-subset", "test", "--tokens-per-sample", 16, "--batch-size", 3, *LOG,
    )  # fmt: skip
    expected = perplexity(model_of(tensorized[1], language_databin), language_databin, "test", 16)
    assert evaluated(process) == pytest.approx(expected, abs=0.006)


def test_the_loss_of_an_adaptive_soft_max_counts_every_word(tensorized, language_databin):
    task = AtclLmTask.setup_task(
        AtclLmConfig(
            data=str(language_databin), tokens_per_sample=16, seed=1, dataset_impl=None,
            use_plasma_view=False, batch_size=8,
        )
    )  # fmt: skip
    task.load_dataset("test")
    dataset, model = task.dataset("test"), model_of(tensorized[1], language_databin)
    config = AtclCrossEntropyConfig(sentence_avg=False, ddp_backend="legacy_ddp")
    sample = dataset.collater([dataset[index] for index in range(len(dataset))])
    with torch.no_grad():
        loss, size, _ = AtclCrossEntropyCriterion(config, task)(model, sample)
    expected = perplexity(model, language_databin, "test", 16)
    assert math.exp(loss.item() / size) == pytest.approx(expected, rel=1e-4)


def test_a_sentence_is_completed(tensorized, language_databin, run_fairseq, tmp_path):
    (tmp_path / "text").write_text("a old\na young\na big\n")
    process = run_fairseq(
        "interactive", language_databin, "--task", "atcl_lm", "--path",
        tensorized[1] / "checkpoint_last.pt", "--input", tmp_path / "text", "--beam", 2,
        "--max-len-b", 8, "--cpu",
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    found = [line.split("\t")[2] for line in process.stdout.splitlines() if line.startswith("H-")]
    for text, start in zip(found, ("a old tree", "a young lake", "a big city"), strict=True):
        assert text.startswith(start) and text.endswith("."), found


def test_two_processes_equal_two_batches_an_update(tensorized, train_on_two_workers, tmp_path):
    """Two workers see the batches that one sees with --update-freq 2, and log the same sums."""
    alone, _, command = tensorized
    pair = train_on_two_workers(*command, "--save-dir", tmp_path, "--max-update", 8)
    for one, two in zip(figures(alone)[:8], figures(pair), strict=True):
        for key in FIGURES:
            assert float(one[key]) == pytest.approx(float(two[key]), rel=1e-2, abs=5e-3), key


def test_bad_input_ends_in_one_line(language_databin, run_fairseq, tmp_path):
    process = run_fairseq(
        "train", language_databin, *ATCL, *TRAIN, *OTHER, "--arch", "fconv_lm",
        "--save-dir", tmp_path,
    )  # fmt: skip
    assert_one_line_error(process, "use another --arch, for example transformer")
