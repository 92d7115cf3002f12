"""Sub-word encoders: their ids are those of the library, their labels those of the marked word."""

from itertools import product

from sentencepiece import SentencePieceProcessor

from data_prep.tokenizers.sentencepiece_training import train_model
from data_prep.tokenizers.subwords import load_encoder

HARD = ["naïve", "(well-known),", "don't", "😀", '"Why?"', "1,234.5", "中文", "a"]


def test_chunks_give_the_encoding_of_the_sentence(tokenizer, glosses):
    encoder = tokenizer.encoder
    for lines in glosses[::40]:
        sentence = " ".join(" ".join(lines).split())
        chunks = sentence.split(" ")
        by_chunk = [
            i for k, c in enumerate(chunks) for i in encoder.encode(c, (0, 0), first=k == 0).ids
        ]
        assert [by_chunk] == encoder.encode_texts([sentence])


def test_text_survives(tokenizer):
    encoder = tokenizer.encoder
    for text in (*HARD, *(f"before {chunk} after" for chunk in HARD)):
        chunks = text.split(" ")
        pieces = [encoder.encode(c, (0, 0), first=k == 0) for k, c in enumerate(chunks)]
        assert encoder.decode([i for p in pieces for i in p.ids]) == text


def test_labeled_tokens_are_the_word(tokenizer):
    parts = (["", "(", '"(', "well-"], ["unfathomable", "café", "dog"], ["", ",", ")!", "'s"])
    for prefix, word, suffix in product(*parts):
        span = (len(prefix), len(prefix) + len(word))
        for first in (False, True):
            pieces = tokenizer.encoder.encode(prefix + word + suffix, span, first=first)
            labeled = [i for i, label in zip(pieces.ids, pieces.labels, strict=True) if label]
            assert tokenizer.encoder.decode(labeled) == word, (prefix, suffix, first)


def test_a_border_inside_a_piece_is_refused(tokenizer):
    # "the" is one piece of both tokenizers: "th" cannot be labeled.
    assert tokenizer.encoder.encode("the", (0, 2)) is None


def test_no_label_without_a_span(tokenizer):
    assert not any(tokenizer.encoder.encode("(word)", (0, 0)).labels)


def test_word_beginnings(tokenizer):
    encoder = tokenizer.encoder
    ids = [
        i for chunk in ("some", "(uncommon)", "words,") for i in encoder.encode(chunk, (0, 0)).ids
    ]
    begins = [encoder.begins_word(encoder.dictionary[i]) for i in ids]
    assert begins[0]
    assert sum(begins) == 3


def test_symbols_of_structure_are_unknown_in_a_text(tmp_path, glosses):
    """A model may know them as words: <pad> in a text is no padding, <mask> hides nothing."""
    model = train_model(
        (" ".join(lines) for lines in glosses),
        400,
        1_000_000,
        1,
        user_defined_symbols=["<pad>", "<mask>"],
        hard_vocab_limit=False,
    )
    (tmp_path / "spm.model").write_bytes(model)
    processor = SentencePieceProcessor(model_proto=model)
    pieces = [processor.id_to_piece(i) for i in range(3, processor.get_piece_size())]
    lines = [f"{piece} 1" for piece in pieces if piece != "<pad>"]  # fairseq adds that itself
    (tmp_path / "dict.txt").write_text("\n".join(lines) + "\n")
    encoder = load_encoder(tmp_path)
    assert encoder.dictionary.index("<mask>") != encoder.dictionary.unk()
    for text in ("<pad>", "a<mask>b", "<s>"):
        ids = encoder.encode(text, (0, 0)).ids
        assert not {"<s>", "<pad>", "</s>", "<mask>"} & {encoder.dictionary[i] for i in ids}
        assert (encoder.dictionary.unk() in ids) or text == "<s>"
    assert "⁇" in encoder.decode(encoder.encode("<pad>", (0, 0)).ids)
