"""The files of an invariance set: in step, with their labels, and fixed by the seed."""

import pytest

from data_prep.classification.examples import read_examples
from data_prep.classification.invariance_sets import KINDS, write_sets
from data_prep.english.taggers import SpacyTagger, load_tagger_model
from data_prep.errors import InputError

LINES = [
    "good\tIt's a great movie from 1984 , says Alice .",
    "bad\tthe movie is dull and i can't watch it for 90 minutes in Vienna .",
    "bad\t9 out of 10 kids in Peru hated it !",
    "good\t:-)",
]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "test.tsv"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return path


def made(source, folder, kinds=KINDS, seed=1) -> dict[str, str]:
    write_sets(source, folder, kinds=kinds, seed=seed)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_every_line_is_beside_its_original(source, tmp_path):
    reports = {found.kind: str(found) for found in write_sets(source, tmp_path / "sets")}
    found = {path.name: path.read_text("utf-8") for path in (tmp_path / "sets").iterdir()}
    assert set(found) == {
        name for kind in KINDS for name in (f"{kind}.tsv", f"{kind}.original.tsv")
    }
    expected = {
        "synonym": [0, 1, 2],
        "name": [0, 1, 2],
        "number": [0, 1],
        "contraction": [0, 1],
        "punctuation": [0, 1, 2],
        "typo": [0, 1, 2],
    }
    for kind, lines in expected.items():
        originals = [LINES[index] for index in lines]
        assert found[f"{kind}.original.tsv"].splitlines() == originals
        changed = found[f"{kind}.tsv"].splitlines()
        for old, new in zip(originals, changed, strict=True):
            assert old != new and old.split("\t")[0] == new.split("\t")[0]
        assert reports[kind].startswith(f"{kind}: {len(lines)} of 4 examples changed\n")
        assert originals[0] in reports[kind] and changed[0] in reports[kind]
    assert "It is a great movie" in found["contraction.tsv"]
    assert "1984" not in found["number.tsv"] and "198" in found["number.tsv"]


def test_synonyms_are_words_of_the_same_sentence(source, tmp_path):
    made(source, tmp_path / "sets", ["synonym"])
    pairs = zip(
        read_examples(tmp_path / "sets" / "synonym.original.tsv"),
        read_examples(tmp_path / "sets" / "synonym.tsv"),
        strict=True,
    )
    tagger = SpacyTagger(load_tagger_model())
    for old, new in pairs:
        (keys,) = tagger.keys([*old.texts])
        words = new.texts[0].split(" ")
        assert len(keys) == len(words)
        assert sum(k[0] != word for k, word in zip(keys, words, strict=True)) == 1


def test_the_seed_fixes_the_changes(source, tmp_path):
    kinds = ["synonym", "typo", "name"]
    first = made(source, tmp_path / "a", kinds)
    assert first == made(source, tmp_path / "b", kinds)
    assert first != made(source, tmp_path / "c", kinds, seed=2)
    # An example's change does not hang on other kinds, nor on what is behind it.
    source.write_text("\n".join(LINES[:2]) + "\n")
    shorter = made(source, tmp_path / "d", ["name", "synonym"])
    for name, text in shorter.items():
        assert first[name].startswith(text)


def test_pairs(tmp_path):
    (tmp_path / "pairs.tsv").write_text("yes\tAlice saw 3 big dogs.\tAlice didn't sleep.\n")
    found = made(tmp_path / "pairs.tsv", tmp_path / "sets")
    label, first, second = found["name.tsv"].rstrip("\n").split("\t")
    assert label == "yes" and first.split()[0] == second.split()[0] != "Alice"
    assert found["contraction.tsv"] == "yes\tAlice saw 3 big dogs.\tAlice did not sleep.\n"
    assert found["punctuation.tsv"] == "yes\tAlice saw 3 big dogs\tAlice didn't sleep\n"


def test_a_kind_without_examples_has_no_files(tmp_path):
    (tmp_path / "one.tsv").write_text("a\tgood\n")
    none, _ = write_sets(tmp_path / "one.tsv", tmp_path / "sets", kinds=["number", "punctuation"])
    names = {path.name for path in (tmp_path / "sets").iterdir()}
    assert names == {"punctuation.tsv", "punctuation.original.tsv"}
    assert str(none) == "number: 0 of 1 examples changed"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        ("one column\n", "line 1: not label<TAB>text"),
        ("a\tgood\n", "no example that can be changed by number, name; try other --kinds"),
    ],
)
def test_bad_input_is_named_and_leaves_nothing(tmp_path, content, message):
    source = tmp_path / "test.tsv"
    if content is not None:
        source.write_text(content)
    with pytest.raises(InputError, match=message):
        write_sets(source, tmp_path / "sets", kinds=["number", "name"])
    assert not (tmp_path / "sets").exists() and len(list(tmp_path.iterdir())) == bool(content)


def test_a_folder_is_not_written_over(source, tmp_path):
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "mine.tsv").touch()
    with pytest.raises(InputError, match="sets: exists already; choose another folder"):
        write_sets(source, tmp_path / "sets", kinds=["typo"])
