"""A Hugging Face model in, trained by the real binaries, and out again: vectors and logits agree."""

import pytest
import torch
from hub_models import write_hub_model
from toy_opinions import write_opinions
from training_logs import logged

from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_text_folder
from fairseq_cline.evaluation.encoders.text_encoder import Encoder
from fairseq_cline.export import main as export

pytestmark = pytest.mark.binaries
TRAIN = ["--optimizer", "adam", "--lr", 1e-3, "--clip-norm", 1.0, "--cpu", "--log-format", "json"]
TRAIN += ["--log-interval", 1, "--num-workers", 0, "--no-epoch-checkpoints", "--max-update", 3]
TEXTS = ["The small house was very good.", "Old men never buy a new car!", "cold"]
LINES = ["The small house was very good but cold .", "Old men never buy a new red car .",
         "A quick dog begins to run in the street ."]  # fmt: skip


@pytest.fixture(scope="module")
def encoder(binaries, tmp_path_factory):
    """The folder of an imported encoder that is read by its mean."""
    folder = tmp_path_factory.mktemp("encoder")
    write_hub_model(folder / "theirs", "bert")
    done = binaries.run(
        "-m", "fairseq_cline.import_encoder", folder / "theirs", "--destdir", folder / "ours"
    )
    assert done.returncode == 0, done.stderr
    return folder / "ours"


def test_cline_and_sentence_transformers(binaries, run_fairseq, encoder, tmp_path):
    library = pytest.importorskip("sentence_transformers")
    (tmp_path / "text").write_text("\n".join(LINES * 8) + "\n")
    made = binaries.run(
        *("-m", "data_prep.make_triplets", "--train", tmp_path / "text", "--destdir"),
        *(tmp_path / "bin", "--tokenizer", encoder, "--tokens-per-sample", 48),
        *("--tagger", "lexicon"),
    )
    assert made.returncode == 0, made.stderr
    done = run_fairseq(
        "train", tmp_path / "bin", "--task", "cline_pretrain", "--criterion", "cline", "--arch",
        "cline_bert", "--finetune-from-model", encoder / "model.pt", "--sentence-feature", "mean",
        "--tokens-per-sample", 48, "--batch-size", 4, "--disable-validation", *TRAIN,
        "--save-dir", tmp_path / "cline",
    )  # fmt: skip
    assert len(logged(done)) == 3
    checkpoint = tmp_path / "cline/checkpoint_last.pt"
    written = binaries.run(
        *("-m", "fairseq_cline.export", checkpoint, "--destdir", tmp_path / "out", "--format"),
        *("sentence-transformers", "--data", tmp_path / "bin"),
    )
    assert written.returncode == 0, written.stderr
    theirs = library.SentenceTransformer(str(tmp_path / "out"), device="cpu").encode(TEXTS)
    ours = Encoder(checkpoint).encode(TEXTS, progress=False)
    torch.testing.assert_close(theirs, ours, rtol=0, atol=1e-5)
    before = Encoder(encoder, feature="mean").encode(TEXTS, progress=False)
    assert abs(before - ours).max() > 1e-3  # it was trained
    text = (tmp_path / "out/README.md").read_text()
    for fact in ("| architecture | cline_bert |", "| updates | 3 |", "| sentence feature | mean |"):
        assert fact in text


def test_a_classifier_and_transformers(binaries, run_fairseq, encoder, tmp_path):
    transformers = pytest.importorskip("transformers")
    texts = write_opinions(tmp_path / "train.tsv", 24, 1)
    made = binaries.run(
        *("-m", "data_prep.text_classification", "--train", texts, "--valid", texts),
        *("--destdir", tmp_path / "bin", "--tokenizer", encoder),
    )
    assert made.returncode == 0, made.stderr
    done = run_fairseq(
        "train", tmp_path / "bin", "--task", "sentence_prediction", "--criterion",
        "sentence_prediction", "--arch", "bert", "--num-classes", 2, "--init-token", 0,
        "--finetune-from-model", encoder / "model.pt", "--batch-size", 8, *TRAIN,
        "--disable-validation", "--save-dir", tmp_path / "model",
    )  # fmt: skip
    assert len(logged(done)) == 3
    export([str(tmp_path / "model/checkpoint_last.pt"), "--destdir", str(tmp_path / "out"), "--format",
            "huggingface"])  # fmt: skip
    auto = transformers.AutoModelForSequenceClassification
    model, info = auto.from_pretrained(tmp_path / "out", output_loading_info=True)
    assert {key: found for key, found in info.items() if found} == {}
    assert model.config.id2label == {0: "bad", 1: "good"}
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    tokens = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        logits = model.eval()(**tokens).logits
    data = open_text_folder(str(tmp_path / "model"))
    classifier = load_classifier(str(tmp_path / "model/checkpoint_last.pt"), data)
    ours = classifier.logits([classifier.tokens(text) for text in TEXTS])
    torch.testing.assert_close(ours, logits, rtol=0, atol=1e-5)


def test_an_imported_classifier_reads_plain_text(binaries, tmp_path):
    """Its folder alone is enough for classify_text, as after a training."""
    model = write_hub_model(tmp_path / "theirs", "roberta", "ForSequenceClassification")
    done = binaries.run(
        "-m", "fairseq_cline.import_encoder", tmp_path / "theirs", "--destdir", tmp_path / "ours"
    )
    assert done.returncode == 0, done.stderr
    (tmp_path / "text").write_text("\n".join(TEXTS) + "\n")
    done = binaries.run(
        *("-m", "fairseq_cline.classify_text", tmp_path / "ours", "--input", tmp_path / "text"),
        *("--cpu", "--output", tmp_path / "classes"),
    )
    assert done.returncode == 0, done.stderr
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(tmp_path / "theirs/tokenizer.json"), pad_token="<pad>"
    )
    tokens = tokenizer(TEXTS, padding=True, return_tensors="pt", return_token_type_ids=False)
    with torch.no_grad():
        shares, classes = model(**tokens).logits.softmax(1).max(1)
    lines = [line.split("\t") for line in (tmp_path / "classes").read_text().splitlines()]
    assert [name for name, _ in lines] == [model.config.id2label[int(k)] for k in classes]
    assert [float(share) for _, share in lines] == pytest.approx(shares.tolist(), abs=1e-5)
