"""Hugging Face models as checkpoints of fairseq: the same figures, and one line for what is none."""

import json

import pytest
import torch
from fairseq.data import data_utils
from hub_models import HEADS, KINDS, LABELS, TEXTS, change_json, write_hub_model, write_modules
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from data_prep.errors import InputError
from data_prep.tokenizers.subwords import load_encoder
from data_prep.tokenizers.tokenizer_json import read_tokenizer_json
from fairseq_cline.evaluation.encoders.stored_models import stored_state
from fairseq_cline.model_bases.encoder_switches import HUB_TYPES
from fairseq_cline.pretrained import hub_names
from fairseq_cline.pretrained.imported_encoder import import_encoder
from fairseq_cline.pretrained.new_checkpoint import HEAD_NAME
from fairseq_cline.pretrained.stored_encoder import stored_encoder

PAIRS = [(TEXTS[0], TEXTS[4]), (TEXTS[2], TEXTS[4])]


def loaded(folder):
    """The model of an imported folder, built from its file."""
    path = str(folder / "model.pt")
    state = stored_state(path, load_checkpoint_heads=True)
    return stored_encoder(path, state, load_encoder(folder).dictionary)


def both_ids(folder, texts):
    """Ids (B, T) of texts or pairs in the file of the original, and of the same in fairseq."""
    tokenizer = read_tokenizer_json(folder / "tokenizer.json")
    index_of = {number: index for index, number in enumerate(tokenizer.ids())}
    original = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found = [original.encode(*(text if isinstance(text, tuple) else [text]))
             for text in texts]  # fmt: skip
    longest = max(len(one.ids) for one in found)
    padding = tokenizer.specials["<pad>"]
    ids = torch.tensor([one.ids + [padding] * (longest - len(one.ids)) for one in found])
    types = torch.tensor([one.type_ids + [0] * (longest - len(one.ids)) for one in found])
    ours = torch.tensor([[index_of[number] for number in row] for row in ids.tolist()])
    return ids, types, ours


@pytest.fixture(scope="module", params=[(kind, head) for kind in KINDS for head in HEADS],
                ids="-".join)  # fmt: skip
def pair(request, tmp_path_factory):
    """A model of transformers, its folder, and the folder that was made of it."""
    folder = tmp_path_factory.mktemp("pair")
    model = write_hub_model(folder / "theirs", *request.param)
    import_encoder(folder / "theirs", folder / "ours")
    return model, folder / "theirs", folder / "ours"


@pytest.mark.parametrize("texts", [TEXTS, PAIRS], ids=["texts", "pairs"])
@torch.no_grad()
def test_all_figures_are_those_of_transformers(pair, texts):
    original, theirs, ours = pair
    ids, types, tokens = both_ids(theirs, texts)
    is_token = tokens.ne(1)
    settings = {"attention_mask": is_token.long(), "output_hidden_states": True}
    if original.config.model_type in ("bert", "albert"):
        settings["token_type_ids"] = types
        assert bool(types.any()) == (texts is PAIRS)
    expected = original(ids, **settings)
    model = loaded(ours)
    _, extra = model(tokens, features_only=True, return_all_hiddens=True)
    assert len(extra["inner_states"]) == len(expected.hidden_states) == 4
    for state, wanted in zip(extra["inner_states"], expected.hidden_states, strict=True):
        torch.testing.assert_close(
            state.transpose(0, 1)[is_token], wanted[is_token], rtol=0, atol=1e-5
        )
    if type(original).__name__.endswith("ForMaskedLM"):
        rows = torch.tensor(read_tokenizer_json(theirs / "tokenizer.json").ids())
        torch.testing.assert_close(
            model(tokens)[0][is_token], expected.logits[is_token][:, rows], rtol=0, atol=1e-5
        )
    if type(original).__name__.endswith("ForSequenceClassification"):
        logits, _ = model(tokens, classification_head_name=HEAD_NAME)
        torch.testing.assert_close(logits, expected.logits, rtol=0, atol=1e-5)
        names = (ours / "label/dict.txt").read_text().splitlines()
        assert names == [f"{label} 1" for label in LABELS]


def test_texts_get_the_ids_of_the_file(pair):
    _, theirs, ours = pair
    _, _, tokens = both_ids(theirs, TEXTS)
    encoded = load_encoder(ours).encode_texts(TEXTS)
    rows = [torch.tensor([0, *ids, 2]) for ids in encoded]
    assert torch.equal(data_utils.collate_tokens(rows, 1), tokens)


@pytest.mark.parametrize("settings", [
    {"tie_word_embeddings": False}, {"hidden_act": "gelu_new"}, {"hidden_act": "relu"},
    {"type_vocab_size": 1}, {"type_vocab_size": 3}, {"layer_norm_eps": 1e-3},
], ids=str)  # fmt: skip
@torch.no_grad()
def test_settings_are_kept(tmp_path, settings):
    original = write_hub_model(tmp_path / "theirs", "bert", "ForMaskedLM", **settings)
    import_encoder(tmp_path / "theirs", tmp_path / "ours")
    ids, _, tokens = both_ids(tmp_path / "theirs", TEXTS)
    is_token = tokens.ne(1)
    rows = torch.tensor(read_tokenizer_json(tmp_path / "theirs/tokenizer.json").ids())
    expected = original(ids, attention_mask=is_token.long()).logits[is_token][:, rows]
    found = loaded(tmp_path / "ours")(tokens)[0][is_token]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_forms_of_old_files_are_read(tmp_path):
    """LayerNorm's gamma and beta, computed tables, a tied copy, and half precision."""
    folder = tmp_path / "theirs"
    write_hub_model(folder, "bert", "ForMaskedLM")
    import_encoder(folder, tmp_path / "new")
    weights = load_file(folder / "model.safetensors")
    old = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("Norm.bias", "Norm.beta"): value
        for name, value in weights.items()
    }
    old["bert.embeddings.position_ids"] = torch.arange(64).unsqueeze(0)
    old["cls.predictions.decoder.weight"] = old["bert.embeddings.word_embeddings.weight"].clone()
    old["cls.predictions.decoder.bias"] = old["cls.predictions.bias"].clone()
    old["cls.seq_relationship.weight"] = torch.zeros(2, 16)
    save_file(old, folder / "model.safetensors")
    made = import_encoder(folder, tmp_path / "old")
    assert any("next-sentence head" in note for note in made.notes)
    new_model, old_model = loaded(tmp_path / "new"), loaded(tmp_path / "old")
    for name, value in new_model.state_dict().items():
        assert torch.equal(value, old_model.state_dict()[name]), name
    save_file({name: value.half() for name, value in weights.items()}, folder / "model.safetensors")
    import_encoder(folder, tmp_path / "half")
    half = loaded(tmp_path / "half").state_dict()["encoder.lm_head.dense.weight"]
    wanted = new_model.state_dict()["encoder.lm_head.dense.weight"].half().float()
    assert torch.equal(half, wanted)


def test_shards_and_pickles_give_the_same(tmp_path):
    folder = tmp_path / "theirs"
    write_hub_model(folder, "albert")
    import_encoder(folder, tmp_path / "one")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    import_encoder(folder, tmp_path / "pickled")
    (folder / "pytorch_model.bin").unlink()
    names = sorted(weights)
    parts = {"a.safetensors": names[::2], "b-2.safetensors": names[1::2]}
    for file, inside in parts.items():
        save_file({name: weights[name] for name in inside}, folder / file)
    places = {name: file for file, inside in parts.items() for name in inside}
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    import_encoder(folder, tmp_path / "shards")
    one, *others = (loaded(tmp_path / name).state_dict() for name in ("one", "pickled", "shards"))
    for other in others:
        assert all(torch.equal(value, other[name]) for name, value in one.items())
    index.write_text(json.dumps({"weight_map": places | {"more": "a.safetensors"}}))
    with pytest.raises(InputError, match=r"a.safetensors: lacks more; fetch"):
        import_encoder(folder, tmp_path / "again")


@pytest.mark.parametrize("values", [
    {"problem_type": "multi_label_classification"},
    {"architectures": ["BertForTokenClassification"]},
])  # fmt: skip
def test_a_head_of_another_kind_is_left_out_by_name(tmp_path, values):
    write_hub_model(tmp_path / "theirs", "bert", "ForSequenceClassification")
    change_json(tmp_path / "theirs/config.json", **values)
    made = import_encoder(tmp_path / "theirs", tmp_path / "ours")
    assert "left out: a head that is not for classes of sentences" in made.notes
    assert not (tmp_path / "ours/label").exists()


def test_a_fresh_head_is_named_and_the_same_each_time(tmp_path):
    write_hub_model(tmp_path / "theirs", "bert")
    one = import_encoder(tmp_path / "theirs", tmp_path / "one")
    torch.rand(3)
    import_encoder(tmp_path / "theirs", tmp_path / "two")
    assert any(note.startswith("made fresh: the masked-LM head") for note in one.notes)
    states = [loaded(tmp_path / name).state_dict() for name in ("one", "two")]
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


@pytest.mark.parametrize("mode, feature", [("cls_token", "cls"), ("mean_tokens", "mean")])
def test_the_pooling_becomes_the_sentence_feature(tmp_path, mode, feature):
    folder = tmp_path / "theirs"
    write_hub_model(folder, "bert")
    write_modules(folder, "Transformer", "Pooling", "Normalize", **{f"pooling_mode_{mode}": True})
    for name in ("LICENSE", "NOTICE.md", "README.md", "LICENSED"):
        (folder / name).write_text(f"free: {name}")
    made = import_encoder(folder, tmp_path / "ours")
    assert made.feature == feature
    assert any("Normalize" in note for note in made.notes)
    assert loaded(tmp_path / "ours").args.sentence_feature == feature
    for name in ("LICENSE", "NOTICE.md", "README.md"):
        assert (tmp_path / "ours" / name).read_text() == f"free: {name}"
    assert not (tmp_path / "ours/LICENSED").exists()


@pytest.mark.parametrize(
    ("limit", "notes"),
    [(48, ["left out: max_seq_length 48 (texts are cut at 64 tokens here)"]), (64, []), ("a", [])],
)
def test_a_shorter_limit_of_texts_is_said(tmp_path, limit, notes):
    folder = tmp_path / "theirs"
    write_hub_model(folder, "bert")
    write_modules(folder, "Transformer")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": limit}))
    made = import_encoder(folder, tmp_path / "ours")
    assert [note for note in made.notes if "max_seq_length" in note] == notes


def test_a_checkpoint_can_say_every_kind():
    assert (*hub_names.KINDS,) == HUB_TYPES
