"""Model cards: front matter that the hub reads, and facts that the checkpoint and its data know."""

import json

import pytest
from omegaconf import OmegaConf

from data_prep.errors import InputError
from data_prep.files.manifests import write_manifest
from fairseq_cline.pretrained.hub_config import HubConfig
from fairseq_cline.pretrained.model_card import (
    Origin,
    card,
    check_license,
    data_facts,
    license_in,
    training_facts,
)

CONFIG = HubConfig(
    kind="bert",
    options={"encoder_layers": 6, "encoder_embed_dim": 384, "max_positions": 512},
    vocabulary=30522,
    positions=512,
    first_position=0,
    token_types=2,
    tied=True,
)
ORIGIN = Origin(
    name="name",
    training={"seed": 3, "odd | fact": "a\nb"},
    data=["kind: x"],
    results=["### Hits\n\n| 72.2 |"],
    provenance={"command": "python -m x", "commit": "abc"},
    left_out=["the pooler"],
)


def front_matter(text):
    """The lines between the first two of ---."""
    _, head, _ = text.split("---\n", 2)
    return head.splitlines()


@pytest.mark.parametrize("head, feature, library, task, loaded", [
    ("masked_lm", None, "transformers", "fill-mask", "AutoModelForMaskedLM"),
    ("classifier", None, "transformers", "text-classification",
     "AutoModelForSequenceClassification"),
    ("", None, "transformers", "feature-extraction", "AutoModel."),
    ("", "mean", "sentence-transformers", "sentence-similarity", "SentenceTransformer("),
])  # fmt: skip
def test_a_card_says_how_the_model_is_loaded(head, feature, library, task, loaded):
    text = card(CONFIG, head, feature, ORIGIN)
    assert front_matter(text) == [
        "license: unknown", f"library_name: {library}", f"pipeline_tag: {task}", "tags:",
        "- fairseq-cline", f"- {library}", f"- {task}", "- bert",
    ]  # fmt: skip
    assert loaded in text and ("the mean of its tokens" in text) == (feature == "mean")
    assert "6 layers x 384 channels, 30,522 tokens, at most 512 a text" in text
    for fact in ("| seed | 3 |", r"| odd \| fact | a b |", "- kind: x", "| 72.2 |", "`abc`"):
        assert fact in text
    assert "left out of the checkpoint: the pooler" in text


def test_what_was_not_given_is_said():
    text = card(CONFIG, "", "cls", Origin("name", {}, [], [], {}))
    assert text.count("Not given when it was exported.") == 2


@pytest.mark.parametrize("name", ["", "a b", "mit\nevil: 1", "x" * 61, "a: b"])
def test_a_license_that_no_front_matter_can_hold_is_refused(name):
    with pytest.raises(InputError, match="--license"):
        check_license(name)


@pytest.mark.parametrize("updates", [0, 150])
def test_facts_of_the_training(updates):
    cfg = {
        "common": {"seed": 7}, "task": {"_name": "cline_pretrain"},
        "criterion": {"_name": "cline", "mlm_weight": 0.5, "negatives": "hard"},
        "model": {"arch": "cline_bert", "sentence_feature": "mean"},
        "optimization": {"lr": [3e-5], "max_update": 150, "stop_time_hours": 0},
    }  # fmt: skip
    state = {"cfg": OmegaConf.create(cfg), "optimizer_history": [{"num_updates": updates}]}
    facts = training_facts(state, "0a")
    always = {"architecture": "cline_bert", "sentence feature": "mean"}
    always["SHA-256 of the checkpoint"] = "0a"
    trained = {
        "updates": 150, "task": "cline_pretrain", "criterion": "cline", "seed": 7,
        "criterion: mlm_weight": 0.5, "criterion: negatives": "hard",
        "optimization: lr": [3e-5], "optimization: max_update": 150,
    }  # fmt: skip
    expected = always | (trained if updates else {"updates": "none, as it was imported"})
    assert facts == expected


def test_facts_of_the_data(tmp_path):
    (tmp_path / "train.ori.bin").write_bytes(b"1")
    (tmp_path / "dict.txt").write_text("a 1\n")
    with pytest.raises(InputError, match=r"--data .*: has no manifest.json; give a data-bin"):
        data_facts(str(tmp_path))
    write_manifest(tmp_path, "cline-triplets", 1, splits={"train": {"triplets": 1234}})
    name, sha256, split = data_facts(str(tmp_path))
    assert name == f"`{tmp_path.name}`, a data-bin of the kind cline-triplets"
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert sha256.endswith(f"all files: {manifest['sha256']}")
    assert split == "train: triplets 1,234"
    assert data_facts(None) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"---\nlanguage: en\nlicense: apache-2.0\n---\n# A model\n", "apache-2.0"),
        (b"---\r\nlicense: 'MIT'\r\n---\r\n", "mit"),
        (b"---\nlicense: other\n---\n", "unknown"),
        (b"---\nlicense: mit\ndescription: x\n", "unknown"),  # it has no end
        (b"---\na: 1\n---\nlicense: mit\n", "unknown"),
        (b"# A model\n---\nlicense: mit\n---\n", "unknown"),
        (b"---\nlicense: [mit](http://x)\n---\n", "unknown"),
        (b"---\nlicense: mit\x0b- y\n---\n", "unknown"),
        (b"\xff", "unknown"),
        (b"", "unknown"),
    ],
)
def test_only_common_licenses_of_front_matter_are_taken(text, name):
    assert license_in(text) == name
