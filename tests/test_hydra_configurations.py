"""The configurations of run/config, through the real fairseq-hydra-train on toy data."""

import pytest
from binaries import REPOSITORY
from training_logs import assert_one_line_error, saved

FOLDER = REPOSITORY / "run/config"
ENCODER = ["layers=1", "embed_dim=16", "ffn_embed_dim=16", "attention_heads=2"]
ENCODER = ["++model.max_positions=64", *(f"++model.encoder_{size}" for size in ENCODER)]
DECODER = [f"model.decoder_{size}=16" for size in ("embed_dim", "input_dim", "output_dim")]
SHORT = "task.tokens_per_sample=32"
# Configuration -> fixture of its data, and words that make it small.
RUNS = {
    "cline": ("databin", ["model._name=cline_roberta", *ENCODER, SHORT]),
    "dcl": ("databin", [*ENCODER, SHORT, "model.projection_hidden_dim=8"]),
    "clld": ("classification_databin", [*ENCODER, "task.max_length=32"]),
    "freelb": ("classification_databin", ENCODER),
    "atcl_lm": ("language_databin", [*DECODER, "model.adaptive_softmax_cutoff='10,20'"]),
    "atcl_translation": ("pairs", ["task.source_lang=xx", "task.target_lang=yy"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def pairs(tmp_path_factory, write_translation_databin):
    texts = [("tree lake city", "city tree lake"), ("lake city tree", "tree lake city")] * 8
    folder = tmp_path_factory.mktemp("pairs") / "data-bin"
    return write_translation_databin(folder, {"train": texts, "valid": texts})


@pytest.fixture
def train(binaries, tmp_path):
    """Runs fairseq-hydra-train with a configuration of run/config, from the repository's folder."""

    def run(name, *words):
        return binaries.run(
            *("-m", "fairseq_cli.hydra_train", "--config-dir", FOLDER, "--config-name", name),
            *(f"checkpoint.save_dir={tmp_path}/model", "common.cpu=true", *words),
        )

    return run


def test_there_is_one_for_each_method():
    assert {path.stem for path in FOLDER.iterdir()} == set(RUNS)


@pytest.mark.parametrize("name", RUNS)
def test_a_configuration_trains(request, train, tmp_path, name):
    databin, words = RUNS[name]
    data = request.getfixturevalue(databin)
    words = ["++dataset.num_workers=0", "++optimization.max_update=2", *words]
    done = train(name, f"task.data={data}", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    state = saved(tmp_path / "model")
    assert state["optimizer_history"][-1]["num_updates"] == 2
    assert state["cfg"]["criterion"]["_name"].startswith(name.partition("_")[0])
    assert "mends" in done.stdout + done.stderr  # the plug-in is there before the training
    assert (tmp_path / "model/hydra_train.log").exists()


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("cline", ["model._name=cline_robert"], "is no model or architecture"),
        ("cline", [], "task.data"),
        ("atcl_lm", ["model._name=transformer_lm_gpt"], "give model._name=transformer_lm and its"),
    ],
)
def test_what_is_missing_or_unknown_is_named(
    train, databin, language_databin, tmp_path, name, words, message
):
    data = {"cline": databin, "atcl_lm": language_databin}[name]
    given = [f"task.data={data}"] if words else []
    assert_one_line_error(train(name, *given, *words), message)
    assert not [*tmp_path.glob("model/*.pt")]
