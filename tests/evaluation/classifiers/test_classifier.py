"""Classifiers on raw text against stock fairseq on the binary splits."""

import shutil
from pathlib import Path

import pytest
import torch
from fairseq import checkpoint_utils

from data_prep.errors import InputError
from fairseq_cline.evaluation.classifiers.classifier import Classifier, load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.evaluation.encoders import batches


@pytest.fixture(scope="session")
def classifier(opinions, opinion_classifier) -> Classifier:
    return load_classifier(str(opinion_classifier), open_databin(str(opinions)), "ours")


def stock_logits(checkpoint: Path, databin: Path, split: str, length: int) -> torch.Tensor:
    """The logits that the checkpoint's own task and model give for a binary split, one by one."""
    [model], _, task = checkpoint_utils.load_model_ensemble_and_task(
        [str(checkpoint)], arg_overrides={"data": str(databin)}
    )
    task.load_dataset(split)
    dataset = task.dataset(split)
    rows = torch.zeros(length, task.cfg.num_classes)
    with torch.no_grad():
        for index in range(length):
            item = dataset[index]
            batch = dataset.collater([item])["net_input"]
            head = task.cfg.classification_head_name
            logits, _ = model.eval()(**batch, features_only=True, classification_head_name=head)
            rows[int(item["id"])] = logits[0]
    return rows


def texts_of(databin: Path, split: str) -> list[tuple[str, ...]]:
    data = open_databin(str(databin))
    return [example.texts for example in data.read(data.split_path(split))]


def test_raw_text_gives_what_stock_gives_for_the_binary_split(
    classifier, opinions, opinion_classifier
):
    texts = texts_of(opinions, "test")
    expected = stock_logits(opinion_classifier, opinions, "test", len(texts))
    encoded = [classifier.tokens(text) for text in texts]
    assert torch.allclose(classifier.logits(encoded), expected, atol=1e-5)
    probabilities_ = classifier.probabilities([text for (text,) in texts])
    assert torch.allclose(probabilities_, expected.softmax(1), atol=1e-5)


@pytest.mark.parametrize("kind", ["pair_databin", "number_databin"])
def test_pairs_and_numbers_too(kind, request, write_classifier, tmp_path):
    databin = request.getfixturevalue(kind)
    options = (
        ["--num-classes=3"]
        if kind == "pair_databin"
        else ["--num-classes=1", "--regression-target"]
    )
    path = write_classifier(tmp_path / "model.pt", databin, *options)
    classifier = load_classifier(str(path), open_databin(str(databin)))
    texts = texts_of(databin, "test")
    encoded = [classifier.tokens(text) for text in texts]
    assert [classifier.fits(text) for text in texts] == [True, True, kind == "number_databin"]
    expected = stock_logits(path, databin, "test", 3)
    assert torch.allclose(classifier.logits(encoded), expected, atol=1e-6)
    assert expected.std() > 2e-5  # an untrained model tells the texts apart by little


def test_a_model_reads_as_many_tokens_as_in_its_training(opinions, write_classifier, tmp_path):
    clld = ["--task=clld_classification", "--max-length=4", "--num-classes=2"]
    path = write_classifier(tmp_path / "model.pt", opinions, *clld)
    classifier = load_classifier(str(path), open_databin(str(opinions)))
    texts = texts_of(opinions, "test")
    encoded = [classifier.tokens(text) for text in texts]
    assert not any(map(classifier.fits, texts))
    expected = stock_logits(path, opinions, "test", len(texts))
    assert torch.allclose(classifier.logits(encoded), expected, atol=1e-6)


def test_words_too(word_databin, write_classifier, tmp_path):
    path = write_classifier(tmp_path / "model.pt", word_databin, "--num-classes=2")
    data = open_databin(str(word_databin))
    classifier = load_classifier(str(path), data)
    texts = texts_of(word_databin, "test")
    expected = stock_logits(path, word_databin, "test", 2)
    assert torch.allclose(classifier.probabilities(texts), expected.softmax(1), atol=1e-6)
    pieces = [data.dictionary[index] for index in data.encode(texts[0][0])]
    assert " ".join(pieces) == "it was n't fine <unk> <unk> <unk> dull <unk> . </s>"
    assert len(data.encode("  the \n film ")) == 3  # and </s>


def test_a_model_that_diverged_has_no_answer(opinions, opinion_classifier):
    classifier = load_classifier(str(opinion_classifier), open_databin(str(opinions)), "ours")
    for parameter in classifier.model.parameters():
        parameter.data.fill_(float("nan"))
    with pytest.raises(InputError, match="ours: its outputs are not finite"):
        classifier.probabilities(["a film"])


def test_the_answer_does_not_depend_on_the_batch(classifier, opinions, monkeypatch):
    texts = [text for (text,) in texts_of(opinions, "test")] + ["", "fine", "warm " * 100]
    together = classifier.probabilities(texts)
    alone = torch.cat([classifier.probabilities([text]) for text in texts])
    assert torch.allclose(together, alone, atol=1e-6)
    monkeypatch.setattr(batches, "MAX_TOKENS", 45)
    assert torch.allclose(together, classifier.probabilities(texts), atol=1e-6)
    assert classifier.probabilities([]).shape == (0, 2)


def test_a_checkpoint_must_fit_the_data(
    opinions,
    opinion_classifier,
    pair_databin,
    number_databin,
    lm_checkpoints,
    tmp_path,
):
    other = tmp_path / "other"
    shutil.copytree(opinions, other)
    (other / "manifest.json").unlink()  # else it would be the first to complain
    for name in ("dict.txt", "input0/dict.txt"):
        with (other / name).open("a") as dictionary:
            dictionary.write("another 1\n")
    for path, databin, message in (
        (opinion_classifier, pair_databin, "knows 2 classes, .* has 3; give --data"),
        (
            opinion_classifier,
            number_databin,
            "has numbers for labels, .* was trained on classes",
        ),
        (opinion_classifier, other, "its vocabulary has .* symbols, .*dict.txt has"),
        (lm_checkpoints["transformer"], opinions, "not a classifier; give a checkpoint trained"),
    ):
        with pytest.raises(InputError, match=message):
            load_classifier(str(path), open_databin(str(databin)))


def test_a_long_pair_is_cut_as_in_training(pair_databin, write_classifier, tmp_path):
    options = ["--task=clld_classification", "--max-length=11", "--num-classes=3"]
    path = write_classifier(tmp_path / "model.pt", pair_databin, *options)
    classifier = load_classifier(str(path), open_databin(str(pair_databin)))
    texts = texts_of(pair_databin, "test")
    expected = stock_logits(path, pair_databin, "test", 3)
    assert torch.allclose(classifier.probabilities(texts), expected.softmax(1), atol=1e-6)
    long = classifier.tokens(texts[2]).tolist()
    assert len(long) == 11 and long.count(2) == 3  # each text has its </s>, and one is between
    assert not classifier.fits(texts[2])
