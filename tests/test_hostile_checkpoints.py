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

NAMES = {"_name", "arch", "task", "criterion"}  # without them nothing is built
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
    """Puts in all options but the names of models and tasks: each way of loading each kind."""
    tally = Tally()
    cases = [(kind, way, turn) for kind in checkpoints for turn, way in enumerate(kind.ways)]
    for kind, way, turn in sampled(cases):
        state = torch.load(kind.checkpoint)
        rotated = itertools.cycle([*texts.values()][turn % len(texts) :] + [*texts.values()])
        for place in text_places(state):
            if place[-1] not in NAMES:
                put(state, place, next(rotated))
                tally.values += 1
        path = tmp_path / f"{kind.name}.pt"
        torch.save(state, path)
        tally.load(kind, way, path, "everywhere")
    tally.check("hostile texts everywhere")


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
