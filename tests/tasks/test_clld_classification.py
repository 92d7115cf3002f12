import shutil
from pathlib import Path

import pytest
import torch
from omegaconf import OmegaConf

from data_prep.errors import InputError
from fairseq_cline.modules.label_distance_matrix import LabelDistance, distances_of
from fairseq_cline.tasks.clld_classification import (
    ClldClassificationConfig,
    ClldClassificationTask,
)

CONFUSION = torch.tensor([[5, 3], [2, 6]])


@pytest.fixture
def make_task(classification_databin):
    def make(**settings) -> ClldClassificationTask:
        cfg = OmegaConf.structured(ClldClassificationConfig)
        cfg.data, cfg.init_token, cfg.max_positions = str(classification_databin), 0, 32
        cfg.regression_target, cfg.classification_head_name = False, "sentence"
        cfg.seed, cfg.criterion_name, cfg.valid_subset = 1, "clld", "valid,test"
        cfg.train_subset, cfg.disable_validation = "train", False
        cfg.max_epoch, cfg.max_update = 0, 0
        for name, value in {"max_epoch": 50, **settings}.items():
            setattr(cfg, name, value)
        return ClldClassificationTask.setup_task(cfg)

    return make


class Criterion:
    """The part of the criterion that Algorithm 1 and fairseq's `reduce_metrics` need."""

    def __init__(self, classes=2):
        self.label_distance = LabelDistance(classes)

    @staticmethod
    def reduce_metrics(logs):
        assert logs


def validate(task, criterion, confusion=CONFUSION, epoch=1):
    """A validation of 16 examples in batches of 8."""
    if "valid" not in task.datasets:
        task.load_dataset("valid")
    task.begin_valid_epoch(epoch, None)
    task.dataset("valid")  # as the trainer does
    for part in (confusion // 2, confusion - confusion // 2):
        task.reduce_metrics([{"ntokens": 1, "nsentences": 1, "confusion": part}], criterion)


def train(task, criterion, update_num, monkeypatch):
    """A step that does nothing but what comes before fairseq's own."""
    import fairseq.tasks.fairseq_task as stock

    monkeypatch.setattr(stock.FairseqTask, "train_step", lambda *arguments: None)
    task.train_step({}, None, criterion, None, update_num)


def test_algorithm_1(make_task, monkeypatch):
    """An update after validations 20, 30, 40 of 50 epochs; not after 10, a fifth of them."""
    task, criterion = make_task(), Criterion()
    expected, updated = torch.ones(2, 2), []
    for epoch in range(1, 50):
        task.begin_epoch(epoch, None)
        train(task, criterion, 7 * epoch - 1, monkeypatch)
        if criterion.label_distance.updates > len(updated):
            updated.append(epoch)
            new = distances_of(CONFUSION.float(), 5.0)
            expected = (new - expected) * (1 - (epoch - 1) / 50) + expected
        torch.testing.assert_close(criterion.label_distance.matrix, expected)
        validate(task, criterion, epoch=epoch)
    assert updated == [21, 31, 41]
    assert criterion.label_distance.validations == 49


def test_the_log_names_the_pairs_that_are_farthest_apart(make_task, monkeypatch, caplog):
    task, criterion = make_task(label_distance_interval=1), Criterion()
    task.begin_epoch(25, None)
    train(task, criterion, 100, monkeypatch)
    validate(task, criterion, epoch=25)
    with caplog.at_level("INFO"):
        train(task, criterion, 101, monkeypatch)
    line = caplog.messages[-1]  # no class with itself
    assert line == "label distances: update 1, epsilon 0.52; farthest: 0 - 1 3.08, 1 - 0 2.39"


def test_progress_in_updates(make_task, monkeypatch):
    task = make_task(max_epoch=0, max_update=1000, label_distance_interval=1)
    criterion = Criterion()
    task.begin_epoch(1, None)
    for update, updates in ((100, 0), (201, 1), (600, 2)):
        train(task, criterion, update - 1, monkeypatch)
        validate(task, criterion)
        train(task, criterion, update, monkeypatch)
        assert criterion.label_distance.updates == updates
    new = distances_of(CONFUSION.float(), 5.0)
    expected = (new - 1) * (1 - 0.201) + 1
    expected = (new - expected) * 0.4 + expected
    torch.testing.assert_close(criterion.label_distance.matrix, expected)


def test_a_second_validation_set_is_not_counted(make_task):
    task, criterion = make_task(label_distance_interval=1, label_distance_start=0.0), Criterion()
    validate(task, criterion)
    task.datasets["test"] = task.datasets["valid"]
    task.dataset("test")
    other = {"ntokens": 1, "nsentences": 1, "confusion": torch.tensor([[0, 9], [9, 0]])}
    task.reduce_metrics([other], criterion)
    assert torch.equal(criterion.label_distance.pending, CONFUSION.float())
    assert criterion.label_distance.validations == 1


def test_a_part_of_the_validation_set_counts(make_task, monkeypatch):
    """A validation that ends early, by --max-valid-steps."""
    task, criterion = make_task(label_distance_interval=1), Criterion()
    for epoch in (20, 21):
        task.load_dataset("valid")
        task.begin_valid_epoch(epoch, None)
        task.dataset("valid")
        part = {"ntokens": 1, "nsentences": 1, "confusion": CONFUSION}
        task.reduce_metrics([part], criterion)
        assert torch.equal(criterion.label_distance.pending, CONFUSION.float())
        task.begin_epoch(epoch + 1, None)
        train(task, criterion, epoch, monkeypatch)
    assert criterion.label_distance.validations == criterion.label_distance.updates == 2


def test_training_batches_are_not_counted(make_task, monkeypatch):
    task, criterion = make_task(label_distance_interval=1), Criterion()
    task.begin_epoch(1, None)
    task.load_dataset("valid")
    task.begin_valid_epoch(1, None)
    train(task, criterion, 0, monkeypatch)
    task.reduce_metrics([{"ntokens": 1, "nsentences": 1}], criterion)
    assert criterion.label_distance.validations == 0


def test_static_and_no_distances_stay(make_task, monkeypatch, tmp_path):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("0\t1\t3\n")
    for settings, matrix in (
        ({"label_distance": "none"}, torch.ones(2, 2)),
        (
            {"label_distance": "static", "label_distance_file": str(pairs)},
            torch.tensor([[1.0, 3.0], [3.0, 1.0]]),
        ),
    ):
        task = make_task(label_distance_interval=1, **settings)
        task.load_dataset("train")
        criterion = Criterion()
        criterion.label_distance.matrix.fill_(7.0)  # of a checkpoint
        task.begin_epoch(40, None)
        train(task, criterion, 99, monkeypatch)
        torch.testing.assert_close(criterion.label_distance.matrix, matrix)
        validate(task, criterion, epoch=40)
        train(task, criterion, 100, monkeypatch)
        torch.testing.assert_close(criterion.label_distance.matrix, matrix)
        assert criterion.label_distance.updates == 0


def test_a_new_training_begins_with_new_distances_and_a_resumed_one_does_not(
    make_task, monkeypatch
):
    for update_num, updates, pending in ((0, 0, False), (70, 6, False)):
        task, criterion = make_task(), Criterion()
        distance = criterion.label_distance
        distance.matrix.fill_(3.0)
        distance.pending.copy_(CONFUSION)
        distance.updates += 5
        task.begin_epoch(25, None)
        train(task, criterion, update_num, monkeypatch)
        assert (distance.updates, bool(distance.pending.any())) == (updates, pending)
        assert (distance.matrix[0, 0] == 1.0) == (update_num == 0)


def test_only_training_reads_the_pairs(make_task, tmp_path):
    missing = str(tmp_path / "none.tsv")
    task = make_task(label_distance="static", label_distance_file=missing)
    task.load_dataset("valid")
    with pytest.raises(InputError, match="--label-distance-file .*none.tsv"):
        task.load_dataset("train")


@pytest.fixture
def damaged(classification_databin, tmp_path):
    return Path(shutil.copytree(classification_databin, tmp_path / "damaged"))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "input0" / "train.bin").unlink(), "has no input0/train.idx"),
        (
            lambda folder: (folder / "input0" / "train.bin").write_bytes(b"\0" * 8),
            "train.bin: has 8 bytes, its index says",
        ),
        (lambda folder: (folder / "label" / "train.idx").unlink(), "has no label/train.idx"),
        (
            lambda folder: [
                shutil.copy(folder / "label" / f"valid.{end}", folder / "label" / f"train.{end}")
                for end in ("bin", "idx")
            ],
            "train has other numbers of examples .*input0 32, label 16",
        ),
    ],
)
def test_a_damaged_databin_is_named(make_task, damaged, damage, message):
    damage(damaged)
    with pytest.raises(InputError, match=message):
        make_task(data=str(damaged)).load_dataset("train")


def test_a_dictionary_of_labels_that_lacks_some_is_named(make_task, damaged):
    (damaged / "label" / "dict.txt").write_text("0 1\n")
    with pytest.raises(InputError, match="train.bin has symbol"):
        make_task(data=str(damaged)).load_dataset("train")


def test_padding_of_a_dictionary_is_no_class(make_task, damaged):
    with (damaged / "label" / "dict.txt").open("a") as labels:
        labels.write("madeupword0000 0\nmadeupword0001 0\n")
    assert make_task(data=str(damaged), num_classes=2).cfg.num_classes == 2


def test_other_criterions_pass_through(make_task, monkeypatch):
    task = make_task(criterion_name="sentence_prediction", max_epoch=0)

    class Stock:
        reduce_metrics = staticmethod(lambda logs: None)

    task.begin_epoch(1, None)
    task.load_dataset("valid")
    task.begin_valid_epoch(1, None)
    task.reduce_metrics([{"ntokens": 1, "nsentences": 1}], Stock())
    train(task, Stock(), 0, monkeypatch)


def test_cuts_what_is_longer_and_leaves_the_encoder_its_places(make_task):
    task = make_task(max_length=3, shorten_method="truncate")
    task.load_dataset("train")
    assert {len(task.dataset("train")[k]["net_input.src_tokens"]) for k in range(8)} == {3}
    assert (task.max_positions(), task.cfg.max_positions) == (3, 32)
    assert make_task().max_positions() == 32


def test_counts_the_classes(make_task):
    assert make_task().cfg.num_classes == 2
    assert make_task(num_classes=2).cfg.num_classes == 2
    with pytest.raises(InputError, match="--num-classes is 3, but .*dict.txt has 2"):
        make_task(num_classes=3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"data": "nowhere"}, "nowhere.*: no such file"),
        ({"label_distance": "static"}, "go together"),
        ({"label_distance_file": "pairs.tsv"}, "go together"),
        ({"max_length": 8}, "--max-length needs --shorten-method"),
        ({"max_epoch": 0}, "set --max-epoch or --max-update"),
        ({"disable_validation": True}, "drop --disable-validation"),
    ],
)
def test_wrong_settings_are_named(make_task, settings, message):
    with pytest.raises(InputError, match=message):
        make_task(**settings)
