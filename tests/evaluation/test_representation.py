"""Representations: numbers by hand, vectors sentence by sentence, and the command."""

import hashlib
import json
import math

import pytest
import sentencepiece
import torch
from fairseq import options, tasks
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from omegaconf import OmegaConf

from data_prep.errors import InputError
from fairseq_cline.evaluation import representation
from fairseq_cline.evaluation.encoders import metrics, sentence_pairs, tsne
from fairseq_cline.evaluation.encoders.sentence_vectors import (
    CLS,
    MEAN,
    PROJECTION,
    sentence_vectors,
)
from fairseq_cline.evaluation.encoders.triplet_scores import load_model, open_databin
from fairseq_cline.evaluation.representation import BINS, Cosines, Geometry
from fairseq_cline.losses.alignment import random_pair_terms

CPU = torch.device("cpu")
DCL = ["--task=dcl_pretrain", "--criterion=dcl", "--arch=dcl_roberta_tiny", "--projection-dim=6"]
KINDS = {
    "stock": ["--task=masked_lm", "--criterion=masked_lm", "--arch=roberta_base"],
    "cline": ["--task=cline_pretrain", "--criterion=cline", "--arch=cline_roberta_tiny"],
    "baseline": ["--task=dcl_pretrain", "--criterion=masked_lm", "--arch=dcl_roberta_tiny"],
    "power": [*DCL, "--projection-norm=power"],
    "none": [*DCL, "--projection-norm=none"],
}


def write_checkpoint(path, databin, kind, max_positions=64):
    """An untrained model, saved with its configuration as the trainer does."""
    sizes = ["layers=2", "embed-dim=16", "ffn-embed-dim=16", "attention-heads=2"]
    words = [str(databin), *KINDS[kind], f"--max-positions={max_positions}"]
    words += ["--tokens-per-sample=64", *(f"--encoder-{size}" for size in sizes)]
    parser = options.get_training_parser()
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, words))
    torch.manual_seed(1)
    model = tasks.setup_task(cfg.task).build_model(cfg.model)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".projection." in name:  # no two are alike, nor like a fresh one
                parameter.normal_()
    config = OmegaConf.to_container(cfg, resolve=True, enum_to_str=True)
    config["task"]["data"] = "/where/the/training/was"
    state = {
        "cfg": config,
        "args": None,
        "model": model.state_dict(),
        "optimizer_history": [{"optimizer_name": "Adam", "lr_scheduler_state": {}}],
        "extra_state": {"train_iterator": {"epoch": 1}},
    }
    torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def checkpoints(databin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return {kind: write_checkpoint(folder / f"{kind}.pt", databin, kind) for kind in KINDS}


@pytest.fixture(scope="module")
def opened(databin):
    return open_databin(str(databin))


@pytest.fixture
def load(checkpoints, opened):
    """Loads the model of one kind."""
    return lambda kind: load_model(str(checkpoints[kind]), opened.dictionary, opened.folder)


@pytest.fixture
def pairs(opened):
    return sentence_pairs.from_databin(opened, "valid", count=10, seed=1)


def test_geometry_by_hand():
    original = torch.tensor([[2.0, 0.0], [0.0, 1.0], [-3.0, 0.0]])
    perturbed = torch.tensor([[1.0, 0.0], [5.0, 0.0], [-1.0, 0.0]])
    geometry = Geometry.of(original, perturbed)
    assert geometry.positive.mean == pytest.approx((1 + 0 + 1) / 3)
    assert geometry.positive.standard_deviation == pytest.approx(math.sqrt(2) / 3)
    assert geometry.random.mean == pytest.approx((0 - 1 + 0) / 3)
    assert geometry.alignment == pytest.approx(2 / 3)  # the second pair has distance sqrt(2)
    # Squared distances 2, 4 and 2.
    expected = math.log((2 * math.exp(-4) + math.exp(-8)) / 3)
    assert geometry.uniformity == pytest.approx(expected)
    # Without the mean (0, 1/3): (1, -1/3), (0, 2/3) and (-1, -1/3), so the columns are orthogonal,
    # of lengths sqrt(2) and sqrt(2/3), and these are the singular values.
    shares = [math.sqrt(2), math.sqrt(2 / 3)]
    shares = [value / sum(shares) for value in shares]
    entropy = -sum(share * math.log(share) for share in shares)
    assert geometry.effective_rank == pytest.approx(math.exp(entropy))


def test_collapsed_and_spread_vectors():
    collapsed = torch.ones(9, 4) * torch.arange(1, 10)[:, None]
    geometry = Geometry.of(collapsed, collapsed + 1e-8)
    assert geometry.random.mean == geometry.positive.mean == pytest.approx(1)
    assert geometry.alignment == pytest.approx(0, abs=1e-12)
    assert geometry.uniformity == pytest.approx(0, abs=1e-12)
    assert geometry.effective_rank == 1
    spread = Geometry.of(torch.eye(9), torch.eye(9))
    assert (spread.positive.mean, spread.random.mean) == (1, 0)
    assert spread.uniformity == pytest.approx(-4)
    assert spread.effective_rank == pytest.approx(8)  # a simplex: all but the direction of its mean


def test_rounding_adds_no_rank():
    torch.manual_seed(0)
    arc = torch.tensor([[1.0, 1.0, 0.0, 0.0]]) + torch.randn(50, 1) * torch.tensor(
        [0.1, -0.1, 0, 0]
    )
    rank = metrics.effective_rank(arc)
    assert 1 < rank < 2
    assert metrics.effective_rank(arc + 1e-8 * torch.randn(50, 4)) == pytest.approx(rank, abs=1e-4)


@pytest.mark.parametrize("block", [1, 3, 100])
def test_random_cosines_are_those_of_each_pair_once(block):
    torch.manual_seed(0)
    vectors = torch.randn(8, 5)
    cosines = metrics.random_cosines(vectors, block)
    expected = [
        float(metrics.pair_cosines(vectors[[i]], vectors[[j]]))
        for i in range(8)
        for j in range(i + 1, 8)
    ]
    assert sorted(cosines.tolist()) == pytest.approx(sorted(expected))


def test_uniformity_is_that_which_training_logs():
    torch.manual_seed(0)
    vectors = torch.randn(8, 5).double()
    cosine, kernel, number = random_pair_terms(vectors)
    cosines = metrics.random_cosines(vectors)
    assert len(cosines) == number
    assert float(cosines.mean()) == pytest.approx(float(cosine / number))
    assert metrics.uniformity(cosines) == pytest.approx(float((kernel / number).log()))


def test_histogram_holds_every_pair():
    cosines = Cosines.of(torch.tensor([-1.0, -1.0, 0.01, 1.0]).double())
    assert len(cosines.histogram) == BINS
    shares = {step: share for step, share in enumerate(cosines.histogram) if share}
    assert shares == {0: 0.5, BINS // 2: 0.25, BINS - 1: 0.25}


def test_pairs_are_the_same_draw_of_whole_sentences(opened, pairs):
    split = opened.split("valid")
    stored = {tuple(split.original[i].tolist()): split.synonym[i].tolist() for i in range(24)}
    bos = opened.dictionary.bos()
    for original, perturbed in zip(pairs.original, pairs.perturbed, strict=True):
        assert original[0] == perturbed[0] == bos
        assert stored[tuple(original[1:].tolist())] == perturbed[1:].tolist()
    again = sentence_pairs.from_databin(opened, "valid", count=10, seed=1)
    other = sentence_pairs.from_databin(opened, "valid", count=10, seed=2)
    assert all(map(torch.equal, pairs.original, again.original))
    assert not all(map(torch.equal, pairs.original, other.original))
    assert len(sentence_pairs.from_databin(opened, "valid", count=1000, seed=1)) == 24


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_those_of_one_sentence_at_a_time(load, opened, pairs, kind):
    model = load(kind)
    vectors = sentence_vectors(model, pairs.original, opened.dictionary.pad(), CPU)
    assert (vectors[PROJECTION] is not None) == (kind in ("power", "none"))
    for row, tokens in enumerate(pairs.original):
        with torch.no_grad():
            features, _ = model(tokens[None], features_only=True)  # (1, T, C)
        torch.testing.assert_close(vectors[CLS][row], features[0, 0])
        torch.testing.assert_close(vectors[MEAN][row], features[0].mean(0))
        if vectors[PROJECTION] is not None:
            with torch.no_grad():
                projection = model.alignment.projection(features[:, 0])
            torch.testing.assert_close(vectors[PROJECTION][row], projection[0])


@pytest.mark.parametrize("kind", ["power", "none"])
def test_the_projection_is_the_checkpoints_and_only_on_request(load, checkpoints, opened, kind):
    saved = torch.load(checkpoints[kind])["model"]
    for name, value in load(kind).alignment.projection.state_dict().items():
        assert torch.equal(value, saved[f"alignment.projection.{name}"]), name
    assert load_model(str(checkpoints[kind]), opened.dictionary).alignment is None


def test_long_sentences_keep_their_ends(databin, opened, tmp_path, pairs):
    path = write_checkpoint(tmp_path / "short.pt", databin, "stock", max_positions=6)
    model = load_model(str(path), opened.dictionary)
    longest = max(pairs.original, key=len)
    cut = torch.cat([longest[:5], longest[-1:]])
    vectors = sentence_vectors(model, [longest, cut], opened.dictionary.pad(), CPU)
    assert len(longest) > 6 and torch.equal(*vectors[CLS])


def test_distance_of_pairs_on_a_map_by_hand():
    points = torch.tensor([[[0.0, 0.0], [3.0, 4.0]], [[0.0, 1.0], [3.0, 4.0]]])
    assert tsne.pair_distance(points) == pytest.approx(0.5 / 5)


def test_a_map_keeps_close_pairs_together_and_its_seed_fixes_it():
    torch.manual_seed(0)
    original = torch.randn(20, 8)
    version = original + 1e-3 * torch.randn(20, 8)
    close = tsne.sentence_map(original, version, seed=1)
    assert close.shape == (2, 20, 2) and tsne.pair_distance(close) < 0.2
    assert torch.equal(close, tsne.sentence_map(original, version, seed=1))
    assert tsne.pair_distance(tsne.sentence_map(original, torch.randn(20, 8), seed=1)) > 0.6


def test_command(checkpoints, databin, tmp_path, run_main, capsys):
    files = [tmp_path / name for name in ("r.json", "histogram.png", "tsne.png")]
    report, histogram, map_ = files
    kinds = ["stock", "cline", "baseline", "power", "none"]
    run_main(
        representation,
        *(f"{kind}={checkpoints[kind]}" for kind in kinds),
        *("--data", databin, "--split", "valid", "--sentences", 20, "--tsne-sentences", 6),
        *("--json", report, "--histogram", histogram, "--tsne", map_, "--cpu"),
    )
    result = json.loads(report.read_text())
    assert [row["name"] for row in result["checkpoints"]] == kinds
    manifest = (databin / "manifest.json").read_bytes()
    split = result["split"]
    assert split["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    assert (split["name"], split["pairs"], split["seed"]) == ("valid", 20, 1)
    table = capsys.readouterr().out
    assert "20 positive pairs (" in table and "190 random pairs" in table
    for row in result["checkpoints"]:
        path = checkpoints[row["name"]]
        assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert row["cut"] == 0 and row["tsne_pair_distance"] > 0
        assert (row["features"][PROJECTION] is None) == (row["name"] not in ("power", "none"))
        for kind, geometry in row["features"].items():
            if geometry is None:
                continue
            positive, random = geometry["positive"], geometry["random"]
            assert sum(positive["histogram"]) == pytest.approx(1)
            assert geometry["alignment"] == pytest.approx(2 - 2 * positive["mean"])
            # Jensen: the log of the mean is not below the mean of the log.
            assert 0 >= geometry["uniformity"] >= -4 * (1 - random["mean"]) - 1e-9
            assert f"{kind:14}  {positive['mean']:.4f} ± " in table
    for path in (tmp_path, databin.parent, checkpoints["stock"].parent):
        assert str(path) not in report.read_text()
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (histogram, map_))
    assert sorted(tmp_path.iterdir()) == sorted(files)


@pytest.fixture(scope="module")
def text(databin, resign, tmp_path_factory):
    """A data-bin without splits, its tokenizer, and two texts of three lines."""
    folder = tmp_path_factory.mktemp("text")
    original, perturbed = folder / "a.txt", folder / "b.txt"
    original.write_text("the cat sat\na dog ran here\nthe cat ran\n")
    perturbed.write_text("the cat sits\na dog ran here\na cat ran\n")
    sentencepiece.SentencePieceTrainer.train(
        input=[str(original), str(perturbed)],
        model_prefix=str(folder / "spm"),
        vocab_size=50,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spm.model"))
    pieces = [model.id_to_piece(i) for i in range(3, model.get_piece_size())]
    bin_ = folder / "data-bin"
    bin_.mkdir()
    (bin_ / "dict.txt").write_text("".join(f"{piece} 1\n" for piece in pieces))
    begins = "".join(f"{int(piece.startswith('▁'))}\n" for piece in pieces)
    (bin_ / "word_begin.txt").write_text(begins)
    manifest = json.loads((databin / "manifest.json").read_text())
    manifest["splits"] = {}
    (bin_ / "manifest.json").write_text(json.dumps(manifest))
    resign(bin_)
    manifest = json.loads((bin_ / "manifest.json").read_text())
    digest = hashlib.sha256((folder / "spm.model").read_bytes()).hexdigest()
    manifest["tokenizer"]["sha256"] = digest
    (bin_ / "manifest.json").write_text(json.dumps(manifest))
    write_checkpoint(folder / "model.pt", bin_, "power")
    return folder


def text_arguments(folder, original="a.txt", perturbed="b.txt", model="spm.model"):
    texts = ["--original", folder / original, "--perturbed", folder / perturbed]
    data = ["--data", folder / "data-bin", "--sentencepiece-model", folder / model]
    return [folder / "model.pt", *data, *texts, "--cpu"]


def test_two_texts(text, tmp_path, run_main, capsys):
    report = tmp_path / "r.json"
    run_main(representation, *text_arguments(text), "--json", report)
    assert "3 positive pairs (1 unchanged), 3 random pairs" in capsys.readouterr().out
    result = json.loads(report.read_text())
    digests = {
        name: hashlib.sha256((text / name).read_bytes()).hexdigest() for name in ("a.txt", "b.txt")
    }
    assert result["split"]["text_sha256"] == digests and result["split"]["unchanged"] == 1
    assert str(text) not in report.read_text()


def test_lines_are_encoded_as_the_tokenizer_does(text):
    databin = open_databin(str(text / "data-bin"))
    paths = [str(text / name) for name in ("a.txt", "b.txt", "spm.model")]
    pairs = sentence_pairs.from_texts(*paths, databin, count=3, seed=1)
    lines = sorted(
        databin.dictionary.string(t[1:], bpe_symbol="sentencepiece") for t in pairs.perturbed
    )
    assert lines == sorted((text / "b.txt").read_text().splitlines())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"perturbed": "short.txt"}, "a.txt has 3 lines, .*short.txt 2;"),
        ({"perturbed": "gap.txt"}, "gap.txt: line 2 is empty"),
        ({"original": "missing.txt"}, "missing.txt: cannot be read"),
        ({"model": "missing.model"}, "--sentencepiece-model .*missing.model: no such file"),
        ({"model": "other.model"}, "other.model is not the tokenizer"),
    ],
)
def test_bad_texts(text, run_main, settings, message):
    (text / "short.txt").write_text("one\ntwo\n")
    (text / "gap.txt").write_text("one\n\nthree\n")
    (text / "other.model").write_bytes(b"another")
    with pytest.raises(InputError, match=message):
        run_main(representation, *text_arguments(text, **settings))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--sentences", "1"], "--sentences must be at least 2"),
        (["--tsne-sentences", "1"], "--tsne-sentences must be at least 2"),
        (["--original", "a.txt"], "--original, --perturbed and --sentencepiece-model"),
        (["--split", "nowhere"], "no split 'nowhere'"),
        (["--histogram", "nowhere/h.png"], "--histogram nowhere/h.png: its folder"),
        (["--tsne", "nowhere/h.png"], "--tsne nowhere/h.png: its folder"),
    ],
)
def test_bad_arguments(checkpoints, databin, run_main, words, message):
    with pytest.raises(InputError, match=message):
        run_main(representation, checkpoints["stock"], "--data", databin, *words)


def test_one_pair_has_no_random_pair(make_databin, checkpoints, run_main):
    folder = make_databin("one", {"test": 1})
    with pytest.raises(InputError, match=r"one: 1 pair\(s\)"):
        run_main(representation, checkpoints["stock"], "--data", folder)


def test_a_diverged_checkpoint(checkpoints, databin, tmp_path, run_main):
    state = torch.load(checkpoints["power"])
    state["model"]["encoder.sentence_encoder.embed_tokens.weight"].fill_(float("nan"))
    torch.save(state, tmp_path / "nan.pt")
    with pytest.raises(InputError, match=r"nan.pt: its features are not finite"):
        run_main(representation, tmp_path / "nan.pt", "--data", databin, "--split", "valid")
