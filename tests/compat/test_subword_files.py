"""Damaged files of --bpe in fairseq's programs."""

from argparse import Namespace

import pytest
from fairseq.data import encoders
from fairseq.data.encoders.sentencepiece_bpe import SentencepieceConfig
from omegaconf import OmegaConf

import fairseq_cline.plugin  # noqa: F401
from data_prep.errors import InputError


@pytest.mark.parametrize("content", [None, b"", b"no model", b"\x00" * 99])
def test_a_sentencepiece_model(tmp_path, content):
    path = tmp_path / "spm.model"
    if content is not None:
        path.write_bytes(content)
    cfg = OmegaConf.structured(SentencepieceConfig(sentencepiece_model=str(path)))
    OmegaConf.set_struct(cfg, False)
    cfg._name = "sentencepiece"
    with pytest.raises(
        InputError, match=rf"^--sentencepiece-model {path}: cannot be read \(.*; give"
    ):
        encoders.build_bpe(cfg)


@pytest.mark.parametrize("content", ["", "[]", "null", "\x80", '{"a": '])
def test_the_files_of_gpt2(tmp_path, content):
    for name in ("encoder.json", "vocab.bpe"):
        (tmp_path / name).write_text(content, encoding="utf-8")
    cfg = Namespace(
        bpe="gpt2",
        gpt2_encoder_json=str(tmp_path / "encoder.json"),
        gpt2_vocab_bpe=str(tmp_path / "vocab.bpe"),
    )
    with pytest.raises(
        InputError, match=r"^--gpt2-encoder-json \S+encoder.json, --gpt2-vocab-bpe "
    ):
        encoders.build_bpe(cfg)


def test_no_file_is_no_message_about_files():
    assert encoders.build_bpe(Namespace(bpe=None)) is None
    with pytest.raises(KeyError):
        encoders.build_bpe(Namespace(bpe="nothing"))
