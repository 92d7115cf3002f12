"""The real all-MiniLM-L6-v2: every figure is that of the libraries that it was made for."""

import pytest
import real_encoder
import torch
from safetensors.torch import load_file

from data_prep.tokenizers.subwords import load_encoder
from fairseq_cline.evaluation.encoders.text_encoder import Encoder
from fairseq_cline.export import main as export
from fairseq_cline.pretrained.imported_encoder import import_encoder

minilm = real_encoder.minilm
TEXTS = ["A man plays a flute.", "Nobody plays.", "Naïve café owners, 1.000 of them!", "well " * 90]


@pytest.fixture(scope="module")
def imported(minilm, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "ours"
    made = import_encoder(minilm, folder)
    assert (made.layers, made.channels, made.feature) == (6, 384, "mean")
    return folder


@torch.no_grad()
def test_all_hidden_states_agree(minilm, imported):
    transformers = pytest.importorskip("transformers")
    original = transformers.AutoModel.from_pretrained(minilm).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(minilm)
    encoder, ids_of = Encoder(imported), load_encoder(imported)
    for text in TEXTS:
        ids = tokenizer(text, return_tensors="pt")
        expected = original(**ids, output_hidden_states=True).hidden_states
        tokens = torch.tensor([[0, *ids_of.encode_texts([text])[0], 2]])
        _, extra = encoder.model(tokens, features_only=True, return_all_hiddens=True)
        for state, wanted in zip(extra["inner_states"], expected, strict=True):
            torch.testing.assert_close(state.transpose(0, 1), wanted, rtol=0, atol=1e-5)


def test_vectors_are_those_of_sentence_transformers(minilm, imported, tmp_path):
    library = pytest.importorskip("sentence_transformers")
    original = library.SentenceTransformer(str(minilm), device="cpu").encode(TEXTS)
    ours = Encoder(imported).encode(TEXTS, normalize=True, progress=False)
    torch.testing.assert_close(ours, original, rtol=0, atol=1e-5)
    export([str(imported), "--destdir", str(tmp_path / "out"), "--format", "sentence-transformers"])
    taken = library.SentenceTransformer(str(tmp_path / "out"), device="cpu")
    torch.testing.assert_close(
        taken.encode(TEXTS, normalize_embeddings=True), original, rtol=0, atol=1e-5
    )
    before, after = (
        load_file(folder / "model.safetensors") for folder in (minilm, tmp_path / "out")
    )
    assert {
        name: torch.equal(value, before[name]) for name, value in after.items()
    } == dict.fromkeys(before.keys() - {"embeddings.position_ids"}, True)
