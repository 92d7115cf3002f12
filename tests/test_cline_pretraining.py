"""CLINE through the real binaries, each run in a process of its own."""

import json
import os
import shutil
import subprocess
import sys

import pytest
import torch
from fairseq.checkpoint_utils import load_model_ensemble

import fairseq_cline  # noqa: F401  makes checkpoints loadable

TINY = ["--encoder-layers", 2, "--encoder-embed-dim", 128]
TINY += ["--encoder-ffn-embed-dim", 512, "--encoder-attention-heads", 4]
OPTIMIZER = ["--optimizer", "adam", "--lr", 1e-3, "--clip-norm", 1.0]
# No worker processes, unless a test asks for them: fairseq waits 5 s for each to end.
LOG = ["--cpu", "--log-format", "json", "--log-interval", 1, "--num-workers", 0]
CLINE = ["--task", "cline_pretrain", "--criterion", "cline", "--arch", "cline_roberta_tiny"]
LENGTHS = ["--tokens-per-sample", 32, "--max-positions", 32, "--max-tokens", 1024]
FRESH = ["--reset-optimizer", "--reset-dataloader", "--reset-meters", "--reset-lr-scheduler"]
TRAIN = [*OPTIMIZER, *LOG, *LENGTHS, "--no-epoch-checkpoints"]
FIGURES = {
    *("loss", "ppl", "mlm_loss", "rtd_loss", "contrastive_loss", "contrastive_accuracy"),
    *("rtd_precision", "rtd_recall", "rtd_f1", "mlm_weight", "rtd_weight", "contrastive_weight"),
}


def logged(process, kind="train_inner"):
    """The figures of every line of one kind: train_inner, train, valid."""
    assert process.returncode == 0, process.stdout + process.stderr
    lines = [
        line.split(f"| {kind} | ", 1)[1]
        for line in (process.stdout + process.stderr).splitlines()
        if f"| {kind} | " in line
    ]
    return [json.loads(line) for line in lines]


def losses(process):
    return [{key: line[key] for key in FIGURES} for line in logged(process)]


def checkpoint(folder, name="checkpoint_last.pt"):
    return torch.load(folder / name, weights_only=True)


def assert_same_weights(one, other):
    for part in ("model", "criterion"):
        assert one[part].keys() == other[part].keys()
        for key, value in one[part].items():
            assert torch.equal(value, other[part][key]), key


@pytest.fixture(scope="module")
def trained(databin, run_fairseq, tmp_path_factory):
    """Three epochs of five updates; besides the last a checkpoint in the middle of the second."""
    folder = tmp_path_factory.mktemp("trained")
    process = run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-epoch", 3, "--save-interval-updates", 7,
        "--save-dir", folder,
    )  # fmt: skip
    return process, folder


def test_training_logs_every_figure_and_learns(trained):
    process, _ = trained
    lines = logged(process)
    assert len(lines) == 15
    assert all(line.keys() >= FIGURES for line in lines)
    assert float(lines[-1]["loss"]) < 0.8 * float(lines[0]["loss"])
    assert len(logged(process, "valid")) >= 3


def test_the_same_command_gives_the_same_losses_also_with_a_worker(
    trained, databin, run_fairseq, tmp_path
):
    again = run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-update", 7, "--disable-validation",
        "--save-dir", tmp_path, "--num-workers", 1,
    )  # fmt: skip
    assert losses(again) == losses(trained[0])[:7]
    assert_same_weights(checkpoint(tmp_path), checkpoint(trained[1], "checkpoint_2_7.pt"))


def test_resuming_in_the_middle_of_an_epoch_changes_nothing(
    trained, databin, run_fairseq, tmp_path
):
    shutil.copy(trained[1] / "checkpoint_2_7.pt", tmp_path / "checkpoint_last.pt")
    resumed = run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-epoch", 3, "--save-dir", tmp_path
    )
    assert losses(resumed) == losses(trained[0])[7:]
    assert_same_weights(checkpoint(tmp_path), checkpoint(trained[1]))
    assert checkpoint(tmp_path)["criterion"]["task_weighting.log_variance"].ne(0).all()


def test_validate_agrees_with_training(trained, databin, run_fairseq):
    process, folder = trained
    validated = run_fairseq(
        "validate", databin, "--task", "cline_pretrain", "--path",
        folder / "checkpoint_last.pt", "--max-tokens", 1024, *LOG,
    )  # fmt: skip
    last = {
        key.removeprefix("valid_"): value for key, value in logged(process, "valid")[-1].items()
    }
    final = {
        key.removeprefix("valid_"): value for key, value in logged(validated, "valid")[-1].items()
    }
    assert {key: last[key] for key in FIGURES} == {key: final[key] for key in FIGURES}
    assert float(final["rtd_weight"]) == 1.0  # the fixed one


def test_ablations(databin, run_fairseq, tmp_path):
    process = run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-update", 4, "--no-save", "--disable-validation",
        "--task-weighting", "fixed", "--rtd-weight", 0, "--contrastive-weight", 0.5,
        "--negatives", "random", "--save-dir", tmp_path,
    )  # fmt: skip
    for line in losses(process):
        mlm, contrastive = float(line["mlm_loss"]), float(line["contrastive_loss"])
        assert float(line["loss"]) == pytest.approx(mlm + 0.5 * contrastive, abs=2e-3)
        assert float(line["rtd_weight"]) == 0


def test_masked_lm_trains_on_the_originals_alone(databin, run_fairseq, tmp_path):
    command = ["train", databin, "--task", "cline_pretrain", "--arch", "cline_roberta_tiny"]
    command += [*TRAIN, "--dropout", 0, "--attention-dropout", 0, "--save-dir", tmp_path]
    command += ["--max-update", 4, "--no-save", "--disable-validation"]
    stock = logged(run_fairseq(*command, "--criterion", "masked_lm"))
    alone = ["--rtd-weight", 0, "--contrastive-weight", 0, "--task-weighting", "fixed"]
    ours = logged(run_fairseq(*command, "--criterion", "cline", *alone))
    for a, b in zip(stock, ours, strict=True):
        assert float(a["loss"]) == pytest.approx(float(b["loss"]), abs=2e-3)


def test_starts_from_a_stock_roberta(databin, run_fairseq, tmp_path):
    """RoBERTa trained by fairseq alone, with neither the plug-in nor its task."""
    stock, ours = tmp_path / "stock", tmp_path / "ours"
    process = run_fairseq(
        "train", databin, "--task", "masked_lm", "--criterion", "masked_lm", "--arch",
        "roberta_base", *TINY, *TRAIN, "--train-subset", "train.ori", "--disable-validation",
        "--max-update", 3, "--save-dir", stock, plugin=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    process = run_fairseq(
        "train", databin, *CLINE, *TRAIN, "--max-update", 1, "--restore-file",
        stock / "checkpoint_last.pt", *FRESH, "--disable-validation", "--save-dir", ours,
        "--lr", 0,
    )  # fmt: skip
    assert len(losses(process)) == 1
    text = process.stdout + process.stderr
    assert "rtd_head.projection.weight is not in the checkpoint: initialized" in text
    assert "no learned task weights: initialized" in text
    before, after = checkpoint(stock)["model"], checkpoint(ours)["model"]
    assert all(torch.equal(value, after[key]) for key, value in before.items())


def finetune(data, start, folder, arch, *settings):
    return [
        "train", data, "--task", "sentence_prediction", "--criterion", "sentence_prediction",
        "--num-classes", 2, "--init-token", 0, "--arch", arch, "--restore-file", start, *FRESH,
        "--max-positions", 32, "--batch-size", 8, *OPTIMIZER, *LOG, "--max-epoch", 10,
        "--no-epoch-checkpoints", "--save-dir", folder, *settings,
    ]  # fmt: skip


def test_becomes_a_classifier(trained, classification_databin, run_fairseq, tmp_path):
    start = trained[1] / "checkpoint_last.pt"
    process = run_fairseq(
        *finetune(classification_databin, start, tmp_path / "out", "cline_roberta_tiny")
    )
    assert float(logged(process, "valid")[-1]["valid_accuracy"]) == 100.0


def test_export_needs_no_plugin(trained, databin, classification_databin, run_fairseq, tmp_path):
    plain = tmp_path / "roberta.pt"
    subprocess.run(
        [sys.executable, "-m", "fairseq_cline.export", trained[1] / "checkpoint_last.pt", plain],
        check=True,
        capture_output=True,
    )
    process = run_fairseq(
        *finetune(
            classification_databin, plain, tmp_path / "out", "roberta_base", *TINY, "--no-save"
        ),
        plugin=False,
    )
    assert float(logged(process, "valid")[-1]["valid_accuracy"]) == 100.0
    # A process that knows only fairseq reads the features of the original from the export.
    program = (
        "import sys, torch; from fairseq.models.roberta import RobertaModel;"
        f"m = RobertaModel.from_pretrained({str(tmp_path)!r}, 'roberta.pt', {str(databin)!r},"
        "bpe=None).eval();"
        "assert not any(name.split('.')[0] == 'fairseq_cline' for name in sys.modules);"
        "print(m.extract_features(torch.tensor([[0, 5, 6, 2]]))[0, 0, :4].tolist())"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    (model,), _ = load_model_ensemble([str(trained[1] / "checkpoint_last.pt")])
    features, _ = model.eval()(torch.tensor([[0, 5, 6, 2]]), features_only=True)
    printed = json.loads(process.stdout.splitlines()[-1])
    assert printed == pytest.approx(features[0, 0, :4].tolist(), abs=1e-6)


def test_two_processes_equal_two_batches_an_update(
    databin, run_fairseq, train_on_two_workers, tmp_path
):
    """Two workers see the batches that one sees with --update-freq 2, and log the same sums."""
    command = [databin, *CLINE, *TRAIN, "--dropout", 0, "--attention-dropout", 0]
    command += ["--max-epoch", 2, "--disable-validation"]
    alone = run_fairseq("train", *command, "--update-freq", 2, "--save-dir", tmp_path / "alone")
    pair = train_on_two_workers(*command, "--save-dir", tmp_path / "pair")
    for one, two in zip(losses(alone), losses(pair), strict=True):
        for key in FIGURES:
            assert float(one[key]) == pytest.approx(float(two[key]), rel=1e-2, abs=5e-3), key
    weights = [
        checkpoint(tmp_path / name)["criterion"]["task_weighting.log_variance"]
        for name in ("alone", "pair")
    ]
    torch.testing.assert_close(*weights, rtol=1e-3, atol=1e-5)


def without_manifest(folder):
    (folder / "manifest.json").unlink()


def cut_short(folder):
    os.truncate(folder / "train.ant.bin", 10)


def other_dictionary(folder):
    text = (folder / "dict.txt").read_text()
    (folder / "dict.txt").write_text(text.replace("▁c0", "▁q0"))


def fewer_labels(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in ("train.syn_labels.idx", "train.syn_labels.bin"):
        shutil.copy(folder / name.replace("train", "valid"), folder / name)
        manifest["files"][name] = manifest["files"][name.replace("train", "valid")]
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("damage", "settings", "message"),
    [
        (shutil.rmtree, [], "broken is not a folder"),
        (without_manifest, [], "broken/manifest.json is missing"),
        (cut_short, [], "broken/train.ant.bin has 10 bytes"),
        (other_dictionary, [], "broken/dict.txt is not the dictionary"),
        (fewer_labels, [], "broken/train.syn_labels.idx does not have one label for each token"),
        (None, ["--max-tokens", 30], "--max-tokens 30 is too small"),
        (None, ["--train-subset", "trian"], "no split 'trian'; there are: train, valid"),
    ],
)
def test_bad_input_ends_in_one_line(make_databin, run_fairseq, tmp_path, damage, settings, message):
    folder = make_databin("broken", {"train": 4, "valid": 2})
    if damage:
        damage(folder)
    process = run_fairseq(
        "train", folder, *CLINE, *TRAIN, *settings, "--save-dir", tmp_path / "checkpoints"
    )
    assert_one_line(process, message)


def assert_one_line(process, message):
    assert process.returncode != 0
    assert "Traceback" not in process.stdout + process.stderr
    last = process.stderr.splitlines()[-1]
    assert last.startswith("fairseq_cline: error: ") and message in last


def test_checkpoint_of_another_vocabulary(trained, make_databin, run_fairseq, resign, tmp_path):
    folder = make_databin("other", {"train": 4})
    with (folder / "dict.txt").open("a") as dictionary:
        dictionary.write("▁new 1\n")
    with (folder / "word_begin.txt").open("a") as flags:
        flags.write("1\n")
    resign(folder)
    process = run_fairseq(
        "train", folder, *CLINE, *TRAIN, "--restore-file", trained[1] / "checkpoint_last.pt",
        *FRESH, "--disable-validation", "--save-dir", tmp_path / "checkpoints",
    )  # fmt: skip
    assert_one_line(process, "the checkpoint has 48 symbols, this run has 49")


def test_unknown_option_value(databin, run_fairseq):
    process = run_fairseq("train", databin, *CLINE, *TRAIN, "--negatives", "soft")
    assert process.returncode != 0 and "Traceback" not in process.stderr
    assert "--negatives: invalid choice: 'soft'" in process.stderr.splitlines()[-1]
