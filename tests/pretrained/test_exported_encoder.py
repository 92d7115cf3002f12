"""Checkpoints as folders that transformers and sentence-transformers load: the same figures."""

import json

import pytest
import torch
import toy_encoders
import toy_opinions
from fairseq.tasks.masked_lm import MaskedLMConfig, MaskedLMTask
from hub_models import HEADS, KINDS, TEXTS, write_hub_model
from omegaconf import OmegaConf
from safetensors.torch import load_file
from toy_encoders import write_encoder
from toy_opinions import write_classifier

from data_prep.errors import InputError
from data_prep.tokenizers.subwords import load_encoder
from fairseq_cline.evaluation.encoders.stored_models import stored_state
from fairseq_cline.pretrained.exported_encoder import export_encoder
from fairseq_cline.pretrained.imported_encoder import import_encoder
from fairseq_cline.pretrained.model_card import Origin
from fairseq_cline.pretrained.stored_encoder import stored_encoder

opinions, text_pairs = toy_opinions.opinions, toy_encoders.text_pairs
HEAD = "sentence_classification_head"
ORIGIN = Origin("name", {"updates": 3}, ["kind: x"], ["### Hits"], {"command": "c"}, "mit")


def export(checkpoint, folder, destination, for_sentences=False, feature=None, labels_of=None):
    state = stored_state(str(checkpoint), load_checkpoint_heads=True)
    return export_encoder(
        str(checkpoint), state, str(folder), str(destination), for_sentences=for_sentences,
        feature=feature, labels_of=labels_of, origin=ORIGIN, licenses={},
    )  # fmt: skip


def loaded(checkpoint, folder):
    state = stored_state(str(checkpoint), load_checkpoint_heads=True)
    return stored_encoder(str(checkpoint), state, load_encoder(folder).dictionary)


def hub_model(folder, name):
    """A model as the Auto classes load it: no weight is missing, none is left."""
    transformers = pytest.importorskip("transformers")
    auto = getattr(transformers, f"Auto{name.replace('For', 'ModelFor')}")
    model, info = auto.from_pretrained(folder, output_loading_info=True)
    assert {key: found for key, found in info.items() if found} == {}
    return model.eval()


def hub_tokens(folder, texts):
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return tokenizer(texts, padding=True, return_tensors="pt")


def our_tokens(folder, texts):
    encoded = load_encoder(folder).encode_texts(texts)
    longest = max(map(len, encoded))
    return torch.tensor([[0, *ids, 2] + [1] * (longest - len(ids)) for ids in encoded])


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("kind", KINDS)
def test_in_and_out_and_in_again_is_the_identity(tmp_path, kind, head):
    original = write_hub_model(tmp_path / "in", kind, head)
    import_encoder(tmp_path / "in", tmp_path / "ours")
    export(tmp_path / "ours/model.pt", tmp_path / "ours", tmp_path / "out")
    before, after = (load_file(tmp_path / name / "model.safetensors") for name in ("in", "out"))
    assert before.keys() == after.keys()
    other = {name for name, value in before.items() if not torch.equal(value, after[name])}
    # RoBERTa's one token type becomes a part of the positions, and its pooler is left out.
    folded = ("position_embeddings", "token_type_embeddings", "pooler") * ("roberta" in kind)
    assert [name for name in other if not any(part in name for part in folded)] == []
    assert bool(other) == bool(folded)
    assert hub_model(tmp_path / "out", head).config.model_type == kind
    config = json.loads((tmp_path / "out/config.json").read_text())
    theirs = original.config.to_dict()
    theirs["id2label"] = {str(number): name for number, name in (theirs["id2label"] or {}).items()}
    same = ("hidden_size", "vocab_size", "hidden_act", "layer_norm_eps", "id2label")
    assert {name: theirs[name] for name in same if name in config} == {
        name: config[name] for name in same if name in config
    }
    import_encoder(tmp_path / "out", tmp_path / "again")
    first, second = (loaded(tmp_path / name / "model.pt", tmp_path / name).state_dict()
                     for name in ("ours", "again"))  # fmt: skip
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
    assert (tmp_path / "ours/dict.txt").read_text() == (tmp_path / "again/dict.txt").read_text()


@pytest.mark.parametrize("kind", ["cline", "power", "stock"])
@torch.no_grad()
def test_a_pre_trained_checkpoint_gives_the_same_logits(text_pairs, tmp_path, kind):
    databin = text_pairs / "data-bin"
    checkpoint = write_encoder(tmp_path / "x.pt", databin, kind)
    left_out = export(checkpoint, databin, tmp_path / "out")
    assert len(left_out) == (kind != "stock")
    texts = ["the cat sat", "a dog  ran here ünd", "x"]
    theirs, tokens = hub_tokens(tmp_path / "out", texts), our_tokens(databin, texts)
    assert torch.equal(theirs["input_ids"], tokens)  # the file is made in fairseq's order
    is_token = tokens.ne(1)
    model = loaded(checkpoint, databin)
    expected = hub_model(tmp_path / "out", "ForMaskedLM")(**theirs).logits
    torch.testing.assert_close(model(tokens)[0][is_token], expected[is_token], rtol=0, atol=1e-5)
    import_encoder(tmp_path / "out", tmp_path / "again")
    again = loaded(tmp_path / "again/model.pt", tmp_path / "again").state_dict()
    for name, value in model.state_dict().items():
        if name.startswith("encoder."):
            assert torch.equal(value, again[name]), name


@pytest.mark.parametrize("arch", ["cline_bert", "dcl_bert", "bert"])
@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_every_kind_is_exported_from_every_model(tmp_path, kind, arch):
    """The checkpoint has what a training of the model adds, and sizes that nobody typed."""
    original = write_hub_model(tmp_path / "in", kind, "ForMaskedLM")
    import_encoder(tmp_path / "in", tmp_path / "ours")
    checkpoint = tmp_path / "ours/model.pt"
    state = torch.load(checkpoint)
    state["cfg"]["model"] |= {"arch": arch, "_name": arch}
    added = {"cline_bert": "reference.network.x", "dcl_bert": "alignment.predictor.x"}.get(arch)
    state["model"] |= {added: torch.ones(1)} if added else {}
    torch.save(state, checkpoint)
    left_out = export(checkpoint, tmp_path / "ours", tmp_path / "out")
    assert bool([words for words in left_out if "head for replaced" not in words]) == bool(added)
    tokens = hub_tokens(tmp_path / "out", TEXTS)
    is_token = tokens["attention_mask"].bool()
    expected = original(**tokens).logits[is_token]
    found = hub_model(tmp_path / "out", "ForMaskedLM")(**tokens).logits[is_token]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("feature, chosen", [(None, "mean"), ("cls", "cls")])
@torch.no_grad()
def test_sentence_transformers_gives_the_same_vectors(tmp_path, feature, chosen):
    library = pytest.importorskip("sentence_transformers")
    write_hub_model(tmp_path / "in", "bert")
    import_encoder(tmp_path / "in", tmp_path / "ours")
    checkpoint = tmp_path / "ours/model.pt"
    state = torch.load(checkpoint)
    state["cfg"]["model"]["sentence_feature"] = "mean"
    torch.save(state, checkpoint)
    export(checkpoint, tmp_path / "ours", tmp_path / "out", True, feature)
    hub_model(tmp_path / "out", "Model")
    vectors = library.SentenceTransformer(str(tmp_path / "out"), device="cpu").encode(TEXTS)
    model, tokens = loaded(checkpoint, tmp_path / "ours"), our_tokens(tmp_path / "ours", TEXTS)
    model.args.sentence_feature = chosen
    features, _ = model(tokens, features_only=True)
    expected = model.sentence(features, tokens)
    torch.testing.assert_close(torch.as_tensor(vectors), expected, rtol=0, atol=1e-5)
    text = (tmp_path / "out/README.md").read_text()
    assert "library_name: sentence-transformers\n" in text and "license: mit\n" in text


def test_an_encoder_without_a_pooler_gets_one_of_zeros(text_pairs, tmp_path):
    databin = text_pairs / "data-bin"
    checkpoint = write_encoder(tmp_path / "x.pt", databin, "cline")
    export(checkpoint, databin, tmp_path / "out", True)
    assert not hub_model(tmp_path / "out", "Model").pooler.dense.weight.any()
    made = import_encoder(tmp_path / "out", tmp_path / "again")
    assert not any("pooler" in note for note in made.notes)


def test_a_classifier_gives_the_same_logits(opinions, tmp_path):
    checkpoint = write_classifier(tmp_path / "x.pt", opinions, "--num-classes=2", updates=1)
    export(checkpoint, opinions, tmp_path / "out")
    texts = ["the film was fine , the music dull", "ünd"]
    tokens = our_tokens(opinions, texts)
    model = hub_model(tmp_path / "out", "ForSequenceClassification")
    assert model.config.id2label == {0: "bad", 1: "good"}
    logits = model(**hub_tokens(tmp_path / "out", texts)).logits
    ours, _ = loaded(checkpoint, opinions)(tokens, classification_head_name=HEAD)
    torch.testing.assert_close(ours, logits, rtol=0, atol=1e-5)
    left_out = export(checkpoint, opinions, tmp_path / "encoder", True)
    assert "the head for classes" in left_out
    hub_model(tmp_path / "encoder", "Model")


def test_classes_of_other_data_are_refused(opinions, tmp_path):
    checkpoint = write_classifier(tmp_path / "x.pt", opinions, "--num-classes=3")
    with pytest.raises(InputError, match=r"label/dict.txt: has 2 classes.*3; give --data"):
        export(checkpoint, opinions, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options, message", [
    ({"encoder_normalize_before": True}, "its --encoder-normalize-before is True"),
    ({"activation_fn": "relu"}, "its --activation-fn is relu"),
    ({"layernorm_embedding": False}, "its --layernorm-embedding is False"),
    ({"token_types": 2}, "its --token-types is 2"),
    ({"hub_type": "distilbert"}, "its --layer-norm-eps is 1e-05"),
    ({"hub_type": "bert", "embedding_dim": 8}, "its --embedding-dim is 8"),
    ({"hub_type": "albert"}, "its --share-layers is False"),
])  # fmt: skip
def test_what_no_such_model_can_express_is_refused(text_pairs, tmp_path, options, message):
    databin = text_pairs / "data-bin"
    checkpoint = write_encoder(tmp_path / "x.pt", databin, "cline")
    state = stored_state(str(checkpoint))
    settings = {**vars(state["cfg"].model), **options}
    state["cfg"].model = type(state["cfg"].model)(**settings)
    state["model"] = loaded_with(state, databin).state_dict()
    with pytest.raises(InputError, match=message) as caught:
        export_encoder(
            str(checkpoint), state, str(databin), str(tmp_path / "out"), for_sentences=False, feature=None,
            labels_of=None, origin=ORIGIN, licenses={},
        )  # fmt: skip
    assert "x.pt" in str(caught.value) and not (tmp_path / "out").exists()


def loaded_with(state, databin):
    """A fresh model of a changed configuration."""
    dictionary = load_encoder(databin).dictionary
    dictionary.add_symbol("<mask>")
    task = MaskedLMTask(MaskedLMConfig(), dictionary)
    return task.build_model(OmegaConf.create(vars(state["cfg"].model)))


def test_another_tokenizer_is_refused(text_pairs, opinions, tmp_path):
    checkpoint = write_encoder(tmp_path / "x.pt", text_pairs / "data-bin", "cline")
    with pytest.raises(InputError, match=r"x.pt: its word table .*give --tokenizer"):
        export(checkpoint, opinions, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_labels_are_numbered_without_names(opinions, tmp_path):
    checkpoint = write_classifier(tmp_path / "x.pt", opinions, "--num-classes=2")
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    load_encoder(opinions).save(folder)
    export(checkpoint, folder, tmp_path / "out")
    names = json.loads((tmp_path / "out/config.json").read_text())["id2label"]
    assert names == {"0": "LABEL_0", "1": "LABEL_1"}
    export(checkpoint, folder, tmp_path / "named", labels_of=str(opinions))
    names = json.loads((tmp_path / "named/config.json").read_text())["id2label"]
    assert names == {"0": "bad", "1": "good"}
