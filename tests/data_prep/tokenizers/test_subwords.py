"""Sub-word encoders of every kind: chunks give the sentence, labels are those of the marked word."""

import re
from itertools import product

import pytest
from toy_tokenizers import bare

from data_prep.errors import InputError
from data_prep.tokenizers.subwords import load_encoder

HARD = ["naïve", "(well-known),", "don't", "😀", '"Why?"', "1,234.5", "中文", "a"]
UNKNOWN = re.compile(r"\[UNK\]|<unk>")
WORD = re.compile(r"[^\W\d_]{2,}")


@pytest.fixture
def encoder(any_tokenizer):
    return any_tokenizer.encoder


def by_chunk(encoder, sentence: str) -> list[int]:
    """The ids of a sentence as the makers of triplets join them."""
    pieces = [
        encoder.encode(chunk, (0, 0), first=k == 0) for k, chunk in enumerate(sentence.split(" "))
    ]
    return [i for piece in pieces for i in piece.ids]


def test_chunks_give_the_encoding_of_the_sentence(encoder, glosses):
    sentences = [" ".join(" ".join(lines).split()) for lines in glosses[::20]]
    # Normalizers make spaces of some of these, or nothing.
    odd = ("´", "¨", "\u0301", "\u200b", "\u00ad", "ﷺ", "\x07", "½")
    sentences += [f"the{c} and{c}in {c}of {c} the" for c in odd]
    sentences += [f"before {chunk} after" for chunk in HARD] + HARD
    assert [by_chunk(encoder, sentence) for sentence in sentences] == encoder.encode_texts(
        sentences
    )


def test_text_survives(tokenizer):
    texts = [*HARD, *(f"before {chunk} after" for chunk in HARD)]
    assert [tokenizer.encoder.decode(ids) for ids in tokenizer.encoder.encode_texts(texts)] == texts


def test_labeled_tokens_are_the_word(encoder, glosses):
    parts = (["", "(", '"(', "well-"], ["unfathomable", "Café", "cafe\u0301", "dog"],
             ["", ",", ")!", "'s"])  # fmt: skip
    chunks = product(*parts)
    words = [chunk for lines in glosses[::20] for chunk in " ".join(lines).split()]
    found = [(chunk, WORD.search(chunk)) for chunk in words]
    real = [(c[: m.start()], m[0], c[m.end() :]) for c, m in found if m]
    refused = 0
    for prefix, word, suffix in [*chunks, *real]:
        span = (len(prefix), len(prefix) + len(word))
        for first in (False, True):
            pieces = encoder.encode(prefix + word + suffix, span, first=first)
            if pieces is None:
                refused += 1
                continue
            labeled = [i for i, label in zip(pieces.ids, pieces.labels, strict=True) if label]
            assert bare(encoder.decode(labeled)) == bare(word), (prefix, suffix, first)
            others = [i for i, label in zip(pieces.ids, pieces.labels, strict=True) if not label]
            beside = UNKNOWN.sub("?", encoder.decode(others))
            assert len(bare(beside)) <= len(bare(prefix + suffix))
    # A piece may cross a border where letters and digits meet.
    assert refused < 0.01 * len(real)


def test_a_border_inside_a_piece_is_refused(encoder):
    # "the" is one piece of all tokenizers: "th" cannot be labeled.
    assert encoder.encode("the", (0, 2)) is None


def test_no_label_without_a_span(encoder):
    assert not any(encoder.encode("(word)", (0, 0)).labels)


def test_word_beginnings(encoder):
    ids = [i for chunk in ("some", "uncommon", "words") for i in encoder.encode(chunk, (0, 0)).ids]
    begins = [encoder.begins_word(encoder.dictionary[i]) for i in ids]
    assert begins[0]
    assert sum(begins) == 3


def test_words_of_65_000_letters(encoder):
    pieces = encoder.encode("x" * 65_000, (0, 65_000))
    assert all(pieces.labels)
    assert [pieces.ids] == encoder.encode_texts([" " * encoder.space_matters + "x" * 65_000])


def test_symbols_of_structure_are_text(encoder):
    names = ("<s>", "<pad>", "</s>", "<mask>", "[CLS]", "[SEP]", "[MASK]", "[PAD]")
    dictionary = encoder.dictionary
    forbidden = {dictionary.bos(), dictionary.pad(), dictionary.eos(), len(dictionary)}
    for ids in encoder.encode_texts([*names, *(f"a{name}b {name}" for name in names)]):
        assert ids and not forbidden & {*ids}


def test_a_saved_tokenizer_is_the_same(encoder, any_tokenizer, tmp_path):
    encoder.save(tmp_path)
    names = {path.name for path in any_tokenizer.folder.iterdir()}
    assert {path.name for path in tmp_path.iterdir()} == names
    for name in names:
        assert (tmp_path / name).read_bytes() == (any_tokenizer.folder / name).read_bytes()
    again = load_encoder(tmp_path)
    assert (again.kind, again.sha256) == (encoder.kind, encoder.sha256)


def test_another_dictionary_is_refused(encoder, tmp_path):
    encoder.save(tmp_path)
    (tmp_path / "dict.txt").write_text("hello 1\nworld 1\n")
    with pytest.raises(InputError, match=f"{tmp_path}/dict.txt: (lacks|not the 1,9)") as error:
        load_encoder(tmp_path)
    assert "\n" not in str(error.value)


def test_a_dictionary_is_needed(encoder, tmp_path):
    encoder.save(tmp_path)
    (tmp_path / "dict.txt").unlink()
    with pytest.raises(InputError, match="dict.txt: no such file; (give|make)"):
        load_encoder(tmp_path)
