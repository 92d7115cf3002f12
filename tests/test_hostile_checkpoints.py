"""Checkpoints that another has written: nothing of them is run, and what is odd is one line.

CHECKPOINT_CASES=100000 takes all cases in the place of a sample.
"""

import itertools
import logging

import pytest
import torch
import toy_opinions
from checkpoint_cases import Tally, options, put, sampled
from fairseq import checkpoint_utils
from hostile_texts import hostile_texts, watched, write_canaries
from loading_paths import Kind, kinds

from data_prep.errors import InputError

# Without these, loading ends early; they have hostile texts one by one.
NAMES = {"_name", "arch", "task", "criterion", "classification_head_name", "max_target_positions"}
NAMES |= {"source_lang", "target_lang"}
opinions = toy_opinions.opinions


@pytest.fixture(scope="module")
def checkpoints(databin, opinions, tmp_path_factory) -> list[Kind]:
    logging.disable(logging.CRITICAL)
    yield kinds(tmp_path_factory.mktemp("kinds"), databin, opinions)
    logging.disable(logging.NOTSET)


@pytest.fixture
def texts(tmp_path, monkeypatch):
    """The hostile texts; a relative name is one from here."""
    write_canaries(tmp_path)
    monkeypatch.chdir(tmp_path)
    return hostile_texts(tmp_path)


def text_places(state):
    """The places at which a configuration has a text, or may have one."""
    return [place for place, value in options(state) if isinstance(value, str | None)]


def test_hostile_texts_everywhere_at_once(checkpoints, texts, tmp_path):
    """Hostile texts in all options but a few names, in each way of loading each kind."""
    tally = Tally()
    cases = [(kind, way, turn) for kind in checkpoints for turn, way in enumerate(kind.ways)]
    for kind, way, turn in sampled(cases):
        state = torch.load(kind.checkpoint)
        rotated = itertools.cycle([*texts][turn % len(texts) :] + [*texts])
        for place, value in [*options(state)]:
            name = next(rotated)
            # A plain word in the place of another is refused, as no choice that there is.
            if place[-1] in NAMES or not isinstance(value, str | None):
                continue
            put(state, place, texts["code" if name == "relative file" and value else name])
            tally.values += 1
        path = tmp_path / f"{kind.name}.pt"
        torch.save(state, path)
        tally.load(kind, way, path, "everywhere")
    tally.check("hostile texts everywhere")
    assert tally.loaded > tally.refused  # what refuses all would show nothing


class Reviewed:
    """Files with one changed option; those whose reading leaves the same are loaded once a way."""

    def __init__(self, folder):
        self.folder, self.tally, self._states, self._known = folder, Tally(), {}, set()

    def load(self, kind, place, value, ways):
        state = self._states.setdefault(kind.name, torch.load(kind.checkpoint))
        path = self.folder / f"{kind.name}.pt"
        before = put(state, place, value)
        torch.save(state, path)
        put(state, place, before)
        case = (place, str(value)[:40])
        self.tally.values += 1
        with watched() as seen:
            try:
                left = checkpoint_utils.load_checkpoint_to_cpu(str(path))
            except InputError as error:
                left = {"cfg": str(error)}
        self.tally.executed += [f"{kind.name}, {case}: {event}" for event in seen]
        key = f"{kind.name} {left['cfg']} {left.get('args')}"
        if key not in self._known:
            self._known.add(key)
            for way in ways:
                self.tally.load(kind, way, path, case)


def test_a_hostile_text_in_one_place(checkpoints, texts, tmp_path):
    reviewed = Reviewed(tmp_path)
    cases = [
        (kind, place, text)
        for kind in checkpoints
        for place in text_places(torch.load(kind.checkpoint))
        for text in texts.values()
    ]
    for kind, place, text in sampled(cases):
        reviewed.load(kind, place, text, kind.ways)
    reviewed.tally.check("a hostile text in one place")


ODD = [None, True, 0, -1, 3, 2.5, float("nan"), 10**30, "", "x", "3", [], [1], ["x"], {}, {"a": 1}]
TRAININGS = {"resume", "--restore-file", "--finetune-from-model", "--continue-once"}


def test_an_option_of_another_type(checkpoints, tmp_path):
    """Whatever the value: a model, or one line that names the file."""
    reviewed = Reviewed(tmp_path)
    cases = [
        (kind, place, value)
        for kind in checkpoints
        for place, _ in options(torch.load(kind.checkpoint))
        for value in ODD
        if place[:2] in {("cfg", part) for part in ("model", "task", "criterion")}
    ]
    for kind, place, value in sampled(cases):
        # A training is not built from this configuration.
        reviewed.load(kind, place, value, [way for way in kind.ways if way not in TRAININGS])
    reviewed.tally.check("options of another type")


PARTS = ("model", "cfg", "criterion", "optimizer_history", "extra_state", "task_state", "args")
NOTHING = [None, [], {}, "x", 3, torch.ones(2), [{}], {"x": 1}, {"x": torch.ones(2)}]


def without_part(name):
    return lambda state: state.pop(name, None)


def with_part(name, value):
    return lambda state: state.update({name: value})


def with_weights(change):
    """Changes the weights from the first name on: a list of names and tensors."""

    def apply(state):
        weights = [*state["model"].items()]
        state["model"] = dict(change(weights))

    return apply


def first(change):
    """Changes the first weight."""
    return with_weights(lambda named: [(named[0][0], change(named[0][1])), *named[1:]])


def inside(*place, value):
    def apply(state):
        for key in place[:-1]:
            state = state[key]
        state[place[-1]] = value

    return apply


HOSTILE_KEY = "classification_heads.__import__('os').system('touch canary').dense.weight"
CHANGES = {
    **{f"no {part}": without_part(part) for part in PARTS},
    **{f"{part} {value!r:.20}": with_part(part, value) for part in PARTS for value in NOTHING},
    "weights alone": lambda state: [state.pop(name) for name in [*state] if name != "model"],
    "first weight missing": with_weights(lambda named: named[1:]),
    "last weights missing": with_weights(lambda named: named[:-3]),
    "one more weight": with_weights(lambda named: [*named, ("x", torch.ones(2))]),
    "a hostile name": with_weights(lambda named: [*named, (HOSTILE_KEY, torch.ones(2, 2))]),
    "an odd name": with_weights(lambda named: [(f"{named[0][0]}.", named[0][1]), *named[1:]]),
    "decoder for encoder": with_weights(
        lambda named: [(name.replace("encoder", "decoder"), weight) for name, weight in named]
    ),
    "not a number": first(lambda weight: weight.float().fill_(float("nan"))),
    "infinite": first(lambda weight: weight.float().fill_(float("-inf"))),
    "another shape": first(lambda weight: torch.ones(3, 5)),
    "one number": first(lambda weight: torch.tensor(1.0)),
    "no number": first(lambda weight: torch.ones(0)),
    "integers": first(lambda weight: torch.ones(weight.shape, dtype=torch.int64)),
    "no tensor": first(lambda weight: [1.0]),
    "a late epoch": inside("extra_state", "train_iterator", "epoch", value=10**6),
    "a late batch": inside("extra_state", "train_iterator", "iterations_in_epoch", value=10**6),
    "no scheduler": inside("optimizer_history", 0, "lr_scheduler_state", value={}),
    "updates": inside("optimizer_history", 0, "num_updates", value=10**40),
    "hostile state": with_part("task_state", {"dictionary": "canary", "__class__": "canary"}),
    "another optimizer": inside("optimizer_history", 0, "optimizer_name", value="canary"),
    "empty optimizer": with_part("last_optimizer_state", {}),
    "no groups": with_part("last_optimizer_state", {"state": {}, "param_groups": []}),
    "odd groups": with_part("last_optimizer_state", {"state": {0: 3}, "param_groups": [{}]}),
}


def test_odd_content(checkpoints, texts, tmp_path):
    """Parts and weights that are missing or something else."""
    tally = Tally()
    cases = [(kind, change, way) for kind in checkpoints for change in CHANGES for way in kind.ways]
    for kind, change, way in sampled(cases):
        state = torch.load(kind.checkpoint)
        CHANGES[change](state)
        path = tmp_path / f"{kind.name}.pt"
        torch.save(state, path)
        tally.values += 1
        tally.load(kind, way, path, change)
    tally.check("odd content")
