"""The vocabulary of a data-bin of sentence pairs, as it is described."""

from fairseq.data import Dictionary

from data_prep.translation.pair_databin import describe_dictionary


def test_subwords_are_pieces_that_do_not_begin_a_word():
    dictionary = Dictionary()
    for piece in ("▁the", "▁", "ing", "s", "▁a"):
        dictionary.add_symbol(piece, 2)
    dictionary.finalize(padding_factor=8)  # adds words that never occur
    found = describe_dictionary(dictionary)
    assert (found.pieces, found.subwords) == (5, 2 / 5)
