"""A data-bin of triplets from text: what may change between a stop and the next try."""

import filecmp
from functools import partial
from pathlib import Path

import pytest

from data_prep.errors import InputError
from data_prep.files import text_units
from data_prep.files.text_units import Corpus
from data_prep.triplets import databin_maker, databin_writer
from data_prep.triplets.databin_maker import make_databin
from data_prep.triplets.generation import learn_lexicon
from data_prep.triplets.triplet_maker import TripletOptions


@pytest.fixture
def make(text, sentencepiece_folder, tmp_path, monkeypatch):
    """Makes a data-bin of a text in many small units, each of which is in the journal at once.

    The lexicon is always learned from the same sample, which is that of the first run.
    """
    learn = partial(learn_lexicon, Corpus([str(text)]))
    monkeypatch.setattr(databin_maker, "learn_lexicon", lambda _, words, path: learn(words, path))
    monkeypatch.setattr(databin_writer, "_JOURNAL_SECONDS", -1.0)
    monkeypatch.setattr(text_units, "UNIT_CHARACTERS", 2000)

    def make(name: str, text: Path, **settings) -> Path:
        make_databin(
            {"train": [str(text)]},
            tmp_path / name,
            tokenizer=sentencepiece_folder,
            options=TripletOptions(1, 64, "complete_doc"),
            tagger="lexicon",
            survey_words=settings.get("survey_words", 300),
        )
        return tmp_path / name

    return make


@pytest.fixture
def lines(text) -> list[bytes]:
    return text.read_bytes().splitlines(keepends=True)[:600]


@pytest.fixture
def stopped(make, lines, tmp_path) -> Path:
    """A text that make_triplets has read up to a byte that is no UTF-8, late in it."""
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"".join([*lines[:-30], b"\xff", *lines[-30:]]))
    with pytest.raises(InputError, match="corpus.txt: not UTF-8 text after line"):
        make("resumed", path)
    journal = (tmp_path / "resumed.partial" / "work" / "journal.json").read_text()
    assert '"next": ' in journal
    return path


def test_a_text_whose_end_was_repaired_goes_on(make, lines, stopped, tmp_path, monkeypatch):
    """It has another size. Nothing of its beginning is made a second time."""
    made = []
    append = databin_writer.DatabinWriter.append

    def count(self, split, unit, blocks):
        made.append(unit.index)
        append(self, split, unit, blocks)

    monkeypatch.setattr(databin_writer.DatabinWriter, "append", count)
    stopped.write_bytes(b"".join(lines))
    resumed = make("resumed", stopped)
    assert made[0] > 5 and made == [*range(made[0], made[-1] + 1)]
    straight = make("straight", stopped)
    names = sorted(path.name for path in straight.iterdir())
    assert filecmp.cmpfiles(straight, resumed, names, shallow=False) == (names, [], [])


def test_a_text_with_another_beginning_does_not(make, lines, stopped):
    stopped.write_bytes(b"".join([b"Another line.\n", *lines]))
    with pytest.raises(InputError, match="not the text that the unfinished run began with"):
        make("resumed", stopped)


def test_other_settings_do_not(make, lines, stopped):
    stopped.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match="an unfinished run with another survey_words"):
        make("resumed", stopped, survey_words=400)
