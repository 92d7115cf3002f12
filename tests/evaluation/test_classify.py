"""Classifiers on raw text against stock fairseq on the binary splits, and the commands."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from fairseq import checkpoint_utils

from data_prep.classification.labeled_databin import Options, build_databin
from data_prep.errors import InputError
from data_prep.tokenizers.text_encoders import Words
from fairseq_cline.evaluation import classify, probabilities, seeds
from fairseq_cline.evaluation.classifiers import accuracy as accuracies
from fairseq_cline.evaluation.classifiers.classifier import Classifier, load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.evaluation.encoders import batches

REPOSITORY = Path(__file__).resolve().parents[2]
CPU = torch.device("cpu")


@pytest.fixture(scope="session")
def classifier(opinions, opinion_classifier) -> Classifier:
    return load_classifier(str(opinion_classifier), open_databin(str(opinions)), "ours")


@pytest.fixture(scope="session")
def tokenizer(opinions) -> tuple[str, str]:
    return tuple(str(opinions.parent / name) for name in ("spm.model", "dict.txt"))


@pytest.fixture(scope="session")
def pairs(tokenizer, tmp_path_factory) -> Path:
    """A data-bin of pairs; one is longer than the 40 tokens that the model reads."""
    folder = tmp_path_factory.mktemp("pairs")
    rows = ["yes\tthe film was fine\tthe music was lovely", "no\tdull\tthe story"]
    rows += ["maybe\t" + "the ending was awful " * 6 + "\tthe film was warm"]
    (folder / "train.tsv").write_text("\n".join(rows) + "\n")
    texts = {split: folder / "train.tsv" for split in ("train", "valid", "test")}
    build_databin(texts, folder / "bin", Options(tokenizer))
    return folder / "bin"


@pytest.fixture(scope="session")
def numbers(tokenizer, tmp_path_factory) -> Path:
    """A data-bin of a regression."""
    folder = tmp_path_factory.mktemp("numbers")
    rows = [f"{k / 10}\tthe film was {word}" for k, word in enumerate(["fine", "dull", "warm"])]
    (folder / "train.tsv").write_text("\n".join(rows) + "\n")
    texts = {split: folder / "train.tsv" for split in ("train", "valid", "test")}
    build_databin(texts, folder / "bin", Options(tokenizer, regression=True))
    return folder / "bin"


@pytest.fixture(scope="session")
def words(tmp_path_factory) -> Path:
    """A data-bin of words; the test split has unknown ones."""
    folder = tmp_path_factory.mktemp("words")
    texts = {"train": "Fine film. It wasn't", "test": "It wasn't FINE, naïve (dull)."}
    files = {}
    for split, text in texts.items():
        files[split] = folder / f"{split}.tsv"
        files[split].write_text(f"good\t{text}\nbad\tdull film .\n")
    build_databin({**files, "valid": files["test"]}, folder / "bin", Options(Words(min_count=1)))
    return folder / "bin"


def stock_logits(checkpoint: Path, split: str, length: int) -> torch.Tensor:
    """What the checkpoint's own task and model give for a binary split, one by one."""
    [model], _, task = checkpoint_utils.load_model_ensemble_and_task([str(checkpoint)])
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
    expected = stock_logits(opinion_classifier, "test", len(texts))
    encoded = [classifier.tokens(text) for text in texts]
    assert torch.allclose(classifier.logits(encoded), expected, atol=1e-5)
    probabilities_ = classifier.probabilities([text for (text,) in texts])
    assert torch.allclose(probabilities_, expected.softmax(1), atol=1e-5)


@pytest.mark.parametrize("kind", ["pairs", "numbers"])
def test_pairs_and_numbers_too(kind, request, write_classifier, tmp_path):
    databin = request.getfixturevalue(kind)
    options = ["--num-classes=3"] if kind == "pairs" else ["--num-classes=1", "--regression-target"]
    path = write_classifier(tmp_path / "model.pt", databin, *options)
    classifier = load_classifier(str(path), open_databin(str(databin)))
    encoded = [classifier.tokens(text) for text in texts_of(databin, "test")]
    assert [classifier.fits(tokens) for tokens in encoded] == [True, True, kind == "numbers"]
    expected = stock_logits(path, "test", 3)
    assert torch.allclose(classifier.logits(encoded), expected, atol=1e-6)
    assert expected.std() > 2e-5  # an untrained model tells the texts apart by little


def test_a_model_reads_as_many_tokens_as_in_its_training(opinions, write_classifier, tmp_path):
    clld = ["--task=clld_classification", "--max-length=4", "--num-classes=2"]
    path = write_classifier(tmp_path / "model.pt", opinions, *clld)
    classifier = load_classifier(str(path), open_databin(str(opinions)))
    texts = texts_of(opinions, "test")
    encoded = [classifier.tokens(text) for text in texts]
    assert not any(map(classifier.fits, encoded))
    expected = stock_logits(path, "test", len(texts))
    assert torch.allclose(classifier.logits(encoded), expected, atol=1e-6)


def test_an_empty_file_is_called_empty(opinions, tmp_path):
    (tmp_path / "examples.tsv").write_text("")
    with pytest.raises(InputError, match="examples.tsv: no example in it"):
        open_databin(str(opinions)).read(str(tmp_path / "examples.tsv"))


def test_words_too(words, write_classifier, tmp_path):
    path = write_classifier(tmp_path / "model.pt", words, "--num-classes=2")
    data = open_databin(str(words))
    classifier = load_classifier(str(path), data)
    texts = texts_of(words, "test")
    expected = stock_logits(path, "test", 2)
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


def test_the_accuracy_is_that_of_fairseq_validate(
    classifier, opinions, opinion_classifier, run_fairseq
):
    data = classifier.data
    result, _ = accuracies.evaluate(classifier, data.read_split("test"))
    done = run_fairseq(
        "validate", opinions, "--task", "sentence_prediction", "--num-classes", 2, "--criterion",
        "sentence_prediction", "--path", opinion_classifier, "--valid-subset", "test", "--cpu",
        "--batch-size", 8,
    )  # fmt: skip
    stock = float(re.findall(r"accuracy ([\d.]+)", done.stdout + done.stderr)[-1])
    assert result.metrics["accuracy"].value == pytest.approx(stock, abs=0.06)
    assert 90 < stock < 100


@pytest.fixture
def reports(classifier, opinions, opinion_classifier, tmp_path, run_main, capsys):
    """The command on one checkpoint under two names: its table and its files' folder."""
    run_main(
        classify, f"a={opinion_classifier}", f"b={opinion_classifier}", "--data", opinions,
        "--json", tmp_path / "out.json", "--plot", tmp_path / "out.png",
        "--predictions", tmp_path / "out", "--cpu",
    )  # fmt: skip
    return capsys.readouterr().out, tmp_path


def test_the_command_writes_what_it_prints(reports, classifier, opinions):
    output, folder = reports
    report = json.loads((folder / "out.json").read_text())
    assert report["labels"] == ["bad", "good"] and report["split"]["examples"] == 41
    row = report["checkpoints"][0]
    assert list(row["metrics"]) == ["accuracy", "macro-F1", "Matthews", "F1"]
    assert sum(map(sum, row["confusion"])) == 41
    lines = output.splitlines()
    assert lines[0] == "test, n = 41: percent ± standard error"
    cells = lines[3].replace("±", "").split()
    accuracy = row["metrics"]["accuracy"]
    assert cells[:3] == ["a", f"{accuracy['value']:.2f}", f"{accuracy['standard_error']:.1f}"]
    assert (folder / "out.png").read_bytes().startswith(b"\x89PNG")

    header, *predictions = (folder / "out" / "b.tsv").read_text().splitlines()
    assert header == "label\tpredicted\tp(bad)\tp(good)\ttext"
    raw = (opinions / "raw" / "test.tsv").read_text().splitlines()
    cells = [line.split("\t") for line in predictions]
    assert [f"{cell[0]}\t{cell[4]}" for cell in cells] == raw
    right = sum(cell[0] == cell[1] for cell in cells)
    assert 100 * right / 41 == pytest.approx(accuracy["value"])
    assert all((float(good) > float(bad)) == (name == "good") for _, name, bad, good, _ in cells)


def test_seeds_are_put_together(reports):
    _, folder = reports
    header, _, first, second = seeds.table(seeds.read([str(folder / "out.json")])).splitlines()
    assert header == "| | accuracy | against a | macro-F1 | Matthews | F1 |"
    assert first.startswith("| a |") and "| +0.0 |" in second


def test_a_regression_has_correlations(numbers, write_classifier, tmp_path, run_main, capsys):
    path = write_classifier(
        tmp_path / "model.pt", numbers, "--num-classes=1", "--regression-target"
    )
    run_main(
        classify, path, "--data", numbers, "--json", tmp_path / "out.json", "--cpu",
        "--predictions", tmp_path,
    )  # fmt: skip
    row = json.loads((tmp_path / "out.json").read_text())["checkpoints"][0]
    assert list(row["metrics"]) == ["Pearson", "Spearman"] and row["confusion"] is None
    assert "Pearson" in capsys.readouterr().out
    header, first, *_ = (tmp_path / "model.pt.tsv").read_text().splitlines()
    assert header == "label\tpredicted\ttext" and first.startswith("0.0\t")


def test_what_is_cut_is_said(pairs, write_classifier, tmp_path, run_main, capsys):
    path = write_classifier(tmp_path / "model.pt", pairs, "--num-classes=3")
    run_main(classify, path, "--data", pairs, "--cpu")
    assert "model.pt: 1 examples cut to fit the model" in capsys.readouterr().out


def test_the_filter_answers_line_by_line(classifier, opinions, opinion_classifier):
    line = [sys.executable, "-m", "fairseq_cline.evaluation.probabilities"]
    line += [str(opinion_classifier), "--data", str(opinions), "--cpu"]
    process = subprocess.Popen(
        line, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert json.loads(process.stdout.readline()) == ["bad", "good"]
    for texts in (["the film was fine", "dull"], [], [["the naïve 漢字"]]):
        process.stdin.write(json.dumps(texts) + "\n")
        process.stdin.flush()
        answer = torch.tensor(json.loads(process.stdout.readline()))
        expected = classifier.probabilities(texts)
        assert torch.allclose(answer.view(-1, 2), expected, atol=1e-5)
    _, errors = process.communicate('[["a", "b"]]\n')
    assert process.returncode == 1
    assert errors.splitlines()[-1] == (
        "fairseq_cline: error: 2 text(s) for an example, but classifier was trained on 1; "
        "give it single texts"
    )


@pytest.mark.parametrize("line", ['"text"', "{}", "[1]", '[["a", 1]]', '[[["a"]]]', "null"])
def test_the_filter_refuses_what_is_no_list_of_texts(line):
    with pytest.raises(InputError, match="standard input, line 7: neither a list of texts nor"):
        probabilities.parse(line, 7)
    with pytest.raises(InputError, match="standard input, line 7: not JSON"):
        probabilities.parse("[", 7)


def test_a_checkpoint_must_fit_the_data(
    opinions,
    opinion_classifier,
    pairs,
    numbers,
    write_classifier,
    write_lm,
    lm_checkpoints,
    tmp_path,
):
    other = tmp_path / "other"
    shutil.copytree(opinions, other)
    with (other / "input0" / "dict.txt").open("a") as dictionary:
        dictionary.write("another 1\n")
    for path, databin, message in (
        (opinion_classifier, pairs, "knows 2 classes, .* has 3; give --data"),
        (opinion_classifier, numbers, "has numbers for labels, .* was trained on classes"),
        (opinion_classifier, other, "its vocabulary has .* symbols, .*dict.txt has"),
        (lm_checkpoints["transformer"], opinions, "not a classifier; give a checkpoint trained"),
    ):
        with pytest.raises(InputError, match=message):
            load_classifier(str(path), open_databin(str(databin)))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("good", "lines.tsv, line 2: not label<TAB>text"),
        ("good\ta\tb", "lines.tsv, line 2: 2 text\\(s\\), but line 1 has 1"),
        ("good\t ", "lines.tsv, line 2: not label<TAB>text"),
        ("fair\ta", "lines.tsv, line 2: the label 'fair' is not one of .* \\(bad, good\\)"),
    ],
)
def test_a_wrong_line_is_named(opinions, tmp_path, line, message):
    (tmp_path / "lines.tsv").write_text(f"good\tfine\n{line}\n")
    with pytest.raises(InputError, match=message):
        open_databin(str(opinions)).read(str(tmp_path / "lines.tsv"))


def test_the_examples_of_a_pair_task_are_pairs(pairs, tmp_path):
    (tmp_path / "lines.tsv").write_text("yes\tfine\n")
    with pytest.raises(InputError, match="line 1: 1 text\\(s\\), but the examples of .* have 2"):
        open_databin(str(pairs)).read(str(tmp_path / "lines.tsv"))


def test_a_number_is_wanted_of_a_regression(numbers, tmp_path):
    (tmp_path / "lines.tsv").write_text("good\tfine\n")
    with pytest.raises(InputError, match="line 1: 'good' is not a number"):
        open_databin(str(numbers)).read(str(tmp_path / "lines.tsv"))


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("input0/dict.txt", "input0/dict.txt: no such file; make the data-bin with"),
        ("spm.model", "none of spm.model, encoder.json and vocab.bpe, or words.json in it"),
        ("raw/test.tsv", "raw/test.tsv: no such file; give another --split"),
    ],
)
def test_an_incomplete_databin_is_refused(opinions, tmp_path, missing, message):
    folder = tmp_path / "bin"
    shutil.copytree(opinions, folder)
    (folder / missing).unlink()
    with pytest.raises(InputError, match=message):
        open_databin(str(folder)).split_path("test")


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"tokenizer": "nltk"}', '{"tokenizer": "moses", "lowercase": true}']
)
def test_words_of_another_tokenizer_are_refused(words, tmp_path, content):
    shutil.copytree(words, tmp_path / "bin")
    (tmp_path / "bin" / "words.json").write_text(content)
    with pytest.raises(InputError, match="bin: its tokenizer is damaged .*; make the data-bin"):
        open_databin(str(tmp_path / "bin"))


def test_words_need_nltk(words, monkeypatch):
    monkeypatch.setitem(sys.modules, "nltk.tokenize", None)
    with pytest.raises(InputError, match="lacks a package .*nltk.*: pip install nltk"):
        open_databin(str(words))


def test_a_damaged_tokenizer_is_refused(opinions, tmp_path):
    folder = tmp_path / "bin"
    shutil.copytree(opinions, folder)
    (folder / "spm.model").write_bytes(b"damaged")
    with pytest.raises(InputError, match="its tokenizer is damaged"):
        open_databin(str(folder))


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("numbers", ["--plot", "x.png"], "--plot draws classes"),
        ("opinions", ["--split", "no"], "raw/no.tsv: no such file; give another --split"),
        ("opinions", ["--json", "no/x.json"], "--json no/x.json: its folder does not exist"),
    ],
)
def test_a_wrong_option_is_refused_before_the_work(kind, options, message, request, run_main):
    databin = request.getfixturevalue(kind)
    with pytest.raises(InputError, match=message):
        run_main(classify, "unread.pt", "--data", databin, *options)


def test_a_regression_has_no_probabilities(numbers, run_main):
    with pytest.raises(InputError, match="its labels are numbers, so there are no classes"):
        run_main(probabilities, "unread.pt", "--data", numbers)
