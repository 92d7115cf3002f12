"""The command that gives lines their classes: the same answers as on a data-bin."""

import inspect
import io
import shutil
import sys

import hub_models
import pytest
import torch
from tokenizers import Tokenizer
from toy_opinions import (  # noqa: F401
    number_databin,
    opinion_classifier,
    opinions,
    pair_databin,
    write_classifier,
)

from data_prep.errors import InputError
from fairseq_cline import classify_text
from fairseq_cline.compat.text_files import copy_text_files
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.pretrained.imported_encoder import import_encoder

TEXTS = ["the film was fine", "a dull  story , and the ending awful", "warm"]


def beside(databin, path, folder):
    """A checkpoint in a folder with what its training copies there."""
    copy_text_files(str(databin), str(folder))
    return shutil.copy(path, folder / "checkpoint.pt")


@pytest.fixture
def ask(monkeypatch, capsys):
    """The rows that the command prints for lines: `ask(lines, checkpoint, "--all")`."""

    def run(lines, *arguments):
        text = io.BytesIO("\n".join(lines).encode())
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(text))
        capsys.readouterr()
        inspect.unwrap(classify_text.main)([*map(str, arguments), "--cpu"])
        return [line.split("\t") for line in capsys.readouterr().out.splitlines()]

    return run


def expected(path, databin, texts):
    """Class -> probability of each text, from the library on the data-bin."""
    data = open_databin(str(databin))
    found = load_classifier(str(path), data).probabilities(texts)
    return [dict(zip(data.labels, row, strict=True)) for row in found.tolist()]


def test_the_most_probable_class(opinions, opinion_classifier, ask, tmp_path):  # noqa: F811
    checkpoint = beside(opinions, opinion_classifier, tmp_path)
    rows = ask(TEXTS, checkpoint)
    assert rows == ask(TEXTS, opinion_classifier, "--tokenizer", opinions)
    for (name, probability), shares in zip(
        rows, expected(checkpoint, opinions, TEXTS), strict=True
    ):
        assert name == max(shares, key=shares.get)
        assert float(probability) == pytest.approx(shares[name], rel=1e-5)
    assert {name for name, _ in rows} == {"good", "bad"}


def test_all_classes_of_pairs(pair_databin, ask, tmp_path):  # noqa: F811
    path = write_classifier(tmp_path / "model.pt", pair_databin, "--num-classes=3")
    copy_text_files(str(pair_databin), str(tmp_path))
    pairs = [["the film was fine", "dull"], ["the ending was awful " * 9, "warm"]]
    rows = ask(["\t".join(pair) for pair in pairs], tmp_path, "--all")
    for row, shares in zip(rows, expected(path, pair_databin, pairs), strict=True):
        assert {*row[::2]} == {"yes", "no", "maybe"} == {*shares}
        numbers = [float(number) for number in row[1::2]]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers == pytest.approx([shares[name] for name in row[::2]], rel=1e-5)


def test_a_number(number_databin, ask, tmp_path):  # noqa: F811
    options = ("--num-classes=1", "--regression-target")
    path = write_classifier(tmp_path / "model.pt", number_databin, *options)
    copy_text_files(str(number_databin), str(tmp_path))
    data = open_databin(str(number_databin))
    classifier = load_classifier(str(path), data)
    numbers = classifier.logits([classifier.tokens(text) for text in TEXTS])[:, 0]
    rows = ask(TEXTS, tmp_path)
    found = torch.tensor([float(number) for (number,) in rows])
    torch.testing.assert_close(found, numbers, rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match="--all is for classes, and .* has no label/dict.txt"):
        ask(TEXTS, tmp_path, "--all")


def test_output_and_its_note(opinions, opinion_classifier, tmp_path, capsys):  # noqa: F811
    (tmp_path / "text.txt").write_text("the film was fine " * 30 + "\nfine\n")
    arguments = [opinion_classifier, "--tokenizer", opinions, "--cpu"]
    arguments += ["--input", tmp_path / "text.txt", "--output", tmp_path / "out.tsv"]
    inspect.unwrap(classify_text.main)([*map(str, arguments)])
    printed = capsys.readouterr()
    assert printed.out == "" and "1 of 2 examples are cut to fit the model\n" in printed.err
    assert len((tmp_path / "out.tsv").read_text().splitlines()) == 2


def test_what_does_not_fit(opinions, opinion_classifier, pair_databin, ask, tmp_path):  # noqa: F811
    checkpoint = beside(opinions, opinion_classifier, tmp_path)
    for lines, arguments, message in (
        (["a\tb"], [checkpoint], r"standard input, line 1: 2 text\(s\), but the model reads 1"),
        (["a", ""], [checkpoint], "standard input, line 2: an empty text"),
        (
            ["a\tb"],
            [checkpoint, "--tokenizer", pair_databin],
            "knows 2 classes, .* has 3; give --tokenizer the data-bin of its training",
        ),
    ):
        with pytest.raises(InputError, match=message):
            ask([*lines, "a"] if lines[-1] == "" else lines, *arguments)
    shutil.rmtree(tmp_path / "label")
    with pytest.raises(
        InputError, match="has numbers for labels, .*label/dict.txt has; give --tok"
    ):
        ask(["a"], checkpoint)


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_an_imported_classifier_answers_as_its_own_library(kind, ask, tmp_path):
    transformers = pytest.importorskip("transformers")
    original = hub_models.write_hub_model(tmp_path / kind, kind, "ForSequenceClassification")
    import_encoder(tmp_path / kind, tmp_path / "ours")
    file = str(tmp_path / kind / "tokenizer.json")
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=file)
    rows = ask(hub_models.TEXTS, tmp_path / "ours", "--all")
    for row, text in zip(rows, hub_models.TEXTS, strict=True):
        with torch.no_grad():
            [shares] = original(torch.tensor([tokenizer.encode(text)])).logits.softmax(-1).tolist()
        found = dict(zip(row[::2], map(float, row[1::2]), strict=True))
        assert found == pytest.approx(dict(zip(hub_models.LABELS, shares, strict=True)), abs=1e-5)


@pytest.mark.parametrize(("kind", "eps"), [("bert", 1e-12), ("roberta", 1e-5), ("roberta", 1e-12)])
def test_an_imported_classifier_reads_pairs_as_its_own_library(kind, eps, ask, tmp_path):
    head = "ForSequenceClassification"
    original = hub_models.write_hub_model(tmp_path / kind, kind, head, layer_norm_eps=eps)
    import_encoder(tmp_path / kind, tmp_path / "ours")
    tokenizer = Tokenizer.from_file(str(tmp_path / kind / "tokenizer.json"))
    pairs = [[*hub_models.TEXTS[:2]], [*hub_models.TEXTS[2:4]]]
    rows = ask(["\t".join(pair) for pair in pairs], tmp_path / "ours", "--all", "--pairs")
    for row, pair in zip(rows, pairs, strict=True):
        encoded = tokenizer.encode(*pair)
        types = {"token_type_ids": torch.tensor([encoded.type_ids])} if kind == "bert" else {}
        with torch.no_grad():
            logits = original(torch.tensor([encoded.ids]), **types).logits
        found = dict(zip(row[::2], map(float, row[1::2]), strict=True))
        [shares] = logits.softmax(-1).tolist()
        assert found == pytest.approx(dict(zip(hub_models.LABELS, shares, strict=True)), abs=1e-5)
