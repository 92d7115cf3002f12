"""SentencePiece: the ids of its own library, models with odd pieces, files that are none."""

import pytest
from sentencepiece import SentencePieceProcessor

from data_prep.errors import InputError
from data_prep.tokenizers.sentencepiece_training import train_model
from data_prep.tokenizers.subwords import load_encoder


def test_ids_are_those_of_the_library(sentencepiece_tokenizer, glosses):
    encoder = sentencepiece_tokenizer.encoder
    model = SentencePieceProcessor(model_file=str(sentencepiece_tokenizer.folder / "spm.model"))
    texts = [" ".join(lines) for lines in glosses[::10]]
    expected = [
        [encoder.dictionary.index(piece) for piece in model.encode(text, out_type=str)]
        for text in texts
    ]
    assert encoder.encode_texts(texts) == expected


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


@pytest.mark.parametrize("content", [b"", b"no model", b"\x00" * 99])
def test_what_is_no_model(tmp_path, sentencepiece_tokenizer, content):
    sentencepiece_tokenizer.encoder.save(tmp_path)
    (tmp_path / "spm.model").write_bytes(content)
    with pytest.raises(InputError, match=f"^{tmp_path}/spm.model: not a SentencePiece model; tr"):
        load_encoder(tmp_path)
