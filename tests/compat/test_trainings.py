"""The start of a training: which file, whose folder, and what is left to do."""

import logging
import math
from types import SimpleNamespace

import pytest
import torch
from fairseq import checkpoint_utils

import fairseq_cline.plugin  # noqa: F401 - the patches
from data_prep.errors import InputError
from fairseq_cline.compat import save_dirs
from fairseq_cline.compat.trainings import NoEpochs, load_state


class Training:
    """Stands in for fairseq's trainer; notes the file that it is asked to load."""

    def __init__(self, suffix="", updates=0, seconds=0.0, loads=False, **limits):
        self.checkpoint_suffix, self.task = suffix, None
        self.loaded, self.loads, self.updates, self.seconds = None, loads, updates, seconds
        limits = {"max_update": 0, "max_epoch": 0, "stop_time_hours": 0, **limits}
        self.cfg = SimpleNamespace(
            distributed_training=SimpleNamespace(distributed_rank=0),
            optimization=SimpleNamespace(**limits),
            task=SimpleNamespace(),
        )

    def load_checkpoint(self, filename, *args, **kwargs):
        self.loaded = filename
        position = {"epoch": 3}
        state = {"train_iterator": position, "previous_training_time": self.seconds}
        return state if self.loads else None

    def get_train_iterator(self, epoch, **kwargs):
        return SimpleNamespace(epoch=epoch, next_epoch_idx=epoch, load_state_dict=lambda _: None)

    def get_num_updates(self):
        return self.updates

    def lr_step(self, epoch):
        pass


def start(tmp_path, training=None, **given):
    training = training or Training()
    options = {
        "save_dir": str(tmp_path),
        "no_save": False,
        "restore_file": "checkpoint_last.pt",
        "finetune_from_model": None,
        "continue_once": None,
        "reset_optimizer": False,
        "reset_lr_scheduler": False,
        "reset_meters": False,
        "reset_dataloader": False,
        "optimizer_overrides": "{}",
    }
    _, epochs = checkpoint_utils.load_checkpoint(SimpleNamespace(**options | given), training)
    return training.loaded, epochs


@pytest.fixture(autouse=True)
def _unlock():
    """Gives the folders back that a test has locked."""
    yield
    save_dirs._leave_to_parent()


@pytest.mark.parametrize("option", ["restore_file", "finetune_from_model", "continue_once"])
def test_a_missing_file_to_start_from_is_an_error(tmp_path, option):
    there, missing = tmp_path / "there.pt", str(tmp_path / "missing.pt")
    there.touch()
    assert start(tmp_path, **{option: str(there)})[0] == str(there)
    with pytest.raises(InputError) as caught:
        start(tmp_path, **{option: missing})
    assert missing in str(caught.value)
    assert "--" + option.replace("_", "-") in str(caught.value)


def test_a_first_start_and_a_resume_need_no_file(tmp_path):
    last = tmp_path / "checkpoint_last.pt"
    assert start(tmp_path)[0] == str(last)
    last.touch()
    # The pre-trained model may be gone by the time that its fine-tuning is resumed.
    assert start(tmp_path, finetune_from_model=str(tmp_path / "missing.pt"))[0] == str(last)


def test_parts_of_a_sharded_checkpoint(tmp_path):
    (tmp_path / "model-shard1.pt").touch()
    given = str(tmp_path / "model.pt")
    loaded, _ = start(tmp_path, Training("-shard1"), restore_file=given)
    assert loaded == str(tmp_path / "model-shard1.pt")
    with pytest.raises(InputError, match=r"model-shard0\.pt"):
        start(tmp_path, Training("-shard0"), restore_file=given)


@pytest.mark.parametrize(
    ("training", "reason"),
    [
        (Training(updates=10, loads=True, max_update=10), "--max-update 10"),
        (Training(updates=11, loads=True, max_update=10), "--max-update 10"),
        (Training(updates=11, loads=True, max_epoch=2), "--max-epoch 2"),
        (Training(seconds=7300.0, loads=True, stop_time_hours=2), "--stop-time-hours 2"),
    ],
)
def test_a_finished_training_has_no_epochs_left(tmp_path, caplog, training, reason):
    with caplog.at_level(logging.INFO):
        _, epochs = start(tmp_path, training)
    assert isinstance(epochs, NoEpochs)
    assert not epochs.next_epoch_idx <= math.inf and not epochs.next_epoch_idx <= 5
    assert f"finished at update {training.updates} ({reason}): nothing to train" in caplog.text


@pytest.mark.parametrize(
    "training",
    [
        Training(updates=9, loads=True, max_update=10, max_epoch=3),
        Training(updates=9, loads=True),
        Training(updates=0, loads=False, max_update=10),
        Training(seconds=7100.0, loads=True, stop_time_hours=2),
    ],
)
def test_other_trainings_go_on(tmp_path, training):
    _, epochs = start(tmp_path, training)
    assert epochs.epoch == (3 if training.loads else 1)


def test_batches_of_other_data(tmp_path):
    training = Training(loads=True)
    mismatch = RuntimeError("Cannot resume training due to dataloader mismatch, please report")

    def load(_):
        raise mismatch

    training.get_train_iterator = lambda epoch, **_: SimpleNamespace(load_state_dict=load)
    with pytest.raises(InputError, match=r"checkpoint_last\.pt: .*add --reset-dataloader"):
        start(tmp_path, training)


def raising(error, context=None):
    def stock(trainer, filename):
        try:
            if context is not None:
                raise context
        except Exception:  # noqa: BLE001  as by the trainer of fairseq
            raise Exception("Cannot load model parameters from checkpoint x.pt; ...")  # noqa: B904, TRY002
        raise error

    return stock


SHAPES = """Error(s) in loading state_dict for TransformerLanguageModel:
\tMissing key(s) in state_dict: "decoder.a", "decoder.b", "decoder.c". 
\tUnexpected key(s) in state_dict: "encoder.x". 
\tsize mismatch for decoder.w: copying a param with shape torch.Size([2, 3]) from checkpoint, \
the shape in current model is torch.Size([4, 3]).
\tsize mismatch for decoder.v: copying a param with shape torch.Size([2]) from checkpoint, the \
shape in current model is torch.Size([4])."""


@pytest.mark.parametrize(
    ("stock", "message"),
    [
        (raising(None, RuntimeError(SHAPES)), r"the checkpoint lacks decoder\.a and 2 more; "),
        (raising(None, RuntimeError(SHAPES)), r"the model does not, encoder\.x; "),
        (raising(None, RuntimeError(SHAPES)), r"decoder\.w is \[2, 3\] in the checkpoint and \[4, "),
        (raising(None, RuntimeError(SHAPES)), r"\(and 1 more\)\); give --arch and the sizes"),
        (raising(None, KeyError("x")), r"does not fit this training \(KeyError: 'x'\); give --arch"),
        (raising(None, InputError("other words")), r"\(other words\); give --arch"),
        (raising(AssertionError("Criterion does not match; please reset")), "AssertionError: Crit"),
        (raising(ValueError("another group")), r"another group\); .*--reset-optimizer --reset-lr"),
    ],
)  # fmt: skip
def test_a_checkpoint_of_another_training(stock, message):
    with pytest.raises(InputError, match=rf"^x\.pt: .*{message}"):
        load_state(stock, None, "x.pt")


def test_an_error_that_is_no_fault_of_the_checkpoint_is_left_alone():
    for error in (NameError("a bug"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            load_state(raising(error), None, "x.pt")
    error = InputError("x.pt: damaged")
    with pytest.raises(InputError, match=r"^x\.pt: damaged$"):
        load_state(raising(error), None, "x.pt")


@pytest.mark.parametrize("fits", [True, False])
def test_what_an_optimizer_remembers_has_the_shape_of_the_weights(fits):
    weight = torch.nn.Parameter(torch.ones(2, 3))
    optimizer = torch.optim.Adam([weight])
    optimizer.state[weight] = {
        "step": torch.tensor(3.0),
        "row": torch.ones(2),
        "column": torch.ones(3),
        "exp_avg": torch.ones((2, 3) if fits else (3, 2)),
    }
    trainer = SimpleNamespace(optimizer=SimpleNamespace(optimizer=optimizer))
    if fits:
        assert load_state(lambda *_: {}, trainer, "x.pt") == {}
        return
    with pytest.raises(InputError, match=r"x\.pt: its optimizer remembers exp_avg of \[3, 2\] for"):
        load_state(lambda *_: {}, trainer, "x.pt")


@pytest.mark.parametrize(
    ("rank", "no_save", "copied"), [(0, False, True), (1, False, False), (0, True, False)]
)
def test_one_worker_copies_the_tokenizer_of_the_first_data_folder(tmp_path, rank, no_save, copied):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for file in ("dict.txt", "spm.model"):
            (tmp_path / name / file).write_text(name)
    (tmp_path / "save").mkdir()
    training = Training()
    training.cfg.distributed_training.distributed_rank = rank
    training.cfg.task.data = f"{tmp_path / 'a'}:{tmp_path / 'b'}"
    start(tmp_path, training, save_dir=str(tmp_path / "save"), no_save=no_save)
    found = {path.name: path.read_text() for path in (tmp_path / "save").iterdir()}
    assert found == ({"dict.txt": "a", "spm.model": "a"} if copied else {})
