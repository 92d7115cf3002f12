"""Dictionaries of fairseq: the classes in one of labels."""

from fairseq.data import Dictionary

from data_prep.fairseq_format.dictionaries import class_names, load_dictionary


def test_classes_are_named_without_what_fairseq_adds(tmp_path):
    # As fairseq-preprocess and `sentence_prediction` make it: padded, and <mask> appended.
    written = Dictionary()
    for name in ("bad", "good", "good", "madeupword"):
        written.add_symbol(name)
    written.finalize(padding_factor=8)
    written.save(str(tmp_path / "dict.txt"))
    loaded = load_dictionary(tmp_path / "dict.txt")
    loaded.add_symbol("<mask>")
    assert "madeupword0000" in loaded.indices
    assert class_names(loaded) == ["good", "bad", "madeupword"]


def test_a_class_without_an_example_and_one_named_like_padding_count():
    labels = Dictionary()
    labels.add_symbol("drawn for validation", 0)
    labels.add_symbol("madeupword0007", 3)
    assert class_names(labels) == ["drawn for validation", "madeupword0007"]
