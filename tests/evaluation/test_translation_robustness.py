"""BLEU under attack: against one sentence at a time without hooks, sacreBLEU, and the command."""

import functools
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import sacrebleu
import torch
import torch.nn.functional as F
from fairseq import options
from fairseq.data import Dictionary
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.tasks.translation import TranslationConfig, TranslationTask
from omegaconf import OmegaConf

from data_prep.errors import InputError
from data_prep.translation.pair_databin import build_databin
from fairseq_cline.evaluation import translation_robustness
from fairseq_cline.evaluation.language_models.gradient_attack import Attack
from fairseq_cline.evaluation.translation import translation_model as translation_models
from fairseq_cline.evaluation.translation import translation_text
from fairseq_cline.evaluation.translation.source_attack import SourceAttack, SourceWords

CPU = torch.device("cpu")
LANGUAGES = ("xx", "yy")
WORDS = {
    "tree": "Baum", "lake": "See", "city": "Stadt", "stone": "Stein", "river": "Fluss",
    "house": "Haus", "table": "Tisch", "school": "Schule", "paper": "Papier", "music": "Musik",
}  # fmt: skip
_SIZES = [f"--{side}-{size}" for side in ("encoder", "decoder") for size in ("layers=1",)]
_TRANSFORMER = ["--arch=transformer", "--dropout=0", *_SIZES]
for _side in ("encoder", "decoder"):
    _TRANSFORMER += [f"--{_side}-embed-dim=32", f"--{_side}-ffn-embed-dim=32"]
    _TRANSFORMER += [f"--{_side}-attention-heads=2"]
KINDS = {
    "shared": [*_TRANSFORMER, "--share-all-embeddings"],
    "separate": _TRANSFORMER,
    "lstm": ["--arch=lstm", "--encoder-embed-dim=32", "--decoder-embed-dim=32", "--dropout=0"]
    + ["--encoder-hidden-size=32", "--decoder-hidden-size=32", "--decoder-out-embed-dim=32"],
}


def write_text(folder: Path, split: str, sentences: int, seed: int) -> Path:
    """Word for word translations of 3 to 6 words, between a digit and an exclamation mark."""
    rng = np.random.default_rng(seed)
    drawn = [rng.choice([*WORDS], size=rng.integers(3, 7)).tolist() for _ in range(sentences)]
    texts = ["7 " + " ".join(words) + "!" for words in drawn]
    others = ["7 " + " ".join(WORDS[word] for word in words) + "!" for words in drawn]
    for language, lines in zip(LANGUAGES, (texts, others), strict=True):
        (folder / f"{split}.{language}").write_text("\n".join(lines) + "\n")
    return folder / split


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("translation")
    sizes = {"train": 120, "valid": 3, "test": 21}
    texts = {
        split: write_text(folder, split, sizes[split], seed) for seed, split in enumerate(sizes)
    }
    build_databin(LANGUAGES, texts, folder / "bin", vocabulary=130, joined=True)
    return folder / "bin"


@pytest.fixture(scope="module")
def checkpoints(data, tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {kind: write_checkpoint(folder / f"{kind}.pt", data, kind) for kind in KINDS}


def write_checkpoint(path: Path, data: Path, kind: str, updates: int = 80) -> Path:
    """A model of the toy language that is good but not sure, saved as the trainer does."""
    parser = options.get_training_parser("translation")
    words = [str(data), "--source-lang=xx", "--target-lang=yy", *KINDS[kind]]
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, words))
    task = TranslationTask.setup_task(cfg.task)
    torch.manual_seed(1)
    model = task.build_model(cfg.model)
    task.load_dataset("train")
    dataset = task.dataset("train")
    batch = dataset.collater([dataset[index] for index in range(len(dataset))])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(updates):
        scores = model(**batch["net_input"])[0]
        loss = F.cross_entropy(scores.flatten(0, 1), batch["target"].flatten(), ignore_index=1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    state = {
        "cfg": OmegaConf.to_container(cfg, resolve=True, enum_to_str=True),
        "args": None,
        "model": model.state_dict(),
        "optimizer_history": [{"optimizer_name": "Adam", "lr_scheduler_state": {}}],
        "extra_state": {"train_iterator": {"epoch": 1}},
    }
    torch.save(state, path)
    return path


@pytest.fixture(params=KINDS)
def model(request, checkpoints, data) -> translation_models.TranslationModel:
    return translation_models.load([str(checkpoints[request.param])], str(data))[0]


def read_text(model, data):
    return translation_text.load_split(str(data), "test", model.source, model.target, {})


def attack(model, text, places, epsilons, batch_size=5):
    settings = SourceAttack(
        {"some": places},
        epsilons,
        relative=False,
        beam=2,
        length_penalty=1.0,
        batch_size=batch_size,
    )
    return settings.on(model, text.sources, text.targets, CPU)


def slow_translations(model, text, places, epsilon, monkeypatch):
    """Each sentence alone; its embeddings are handed to the encoder, no layer is hooked."""
    encoder, found = model.model.encoder, []
    forward = encoder.forward
    for source, target, columns in zip(text.sources, text.targets, places, strict=True):
        source, length = source.unsqueeze(0), torch.tensor([len(source)])
        embedding = encoder.embed_tokens(source).detach().requires_grad_()
        state = forward(source, length, token_embeddings=embedding)
        prefix = torch.cat([target[-1:], target[:-1]]).unsqueeze(0)
        scores, _ = model.model.decoder(prefix, encoder_out=state)
        loss = F.cross_entropy(scores[0], target, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, embedding)
        moved = embedding.detach().clone()
        for column in columns:
            direction = gradient[0, column] / gradient[0, column].norm()
            moved[0, column] += epsilon * direction
        monkeypatch.setattr(encoder, "forward", functools.partial(forward, token_embeddings=moved))
        batch = {"net_input": {"src_tokens": source, "src_lengths": length}}
        found += model.translate(model.search(beam=2, length_penalty=1.0), batch)
        monkeypatch.setattr(encoder, "forward", forward)
    return found


@pytest.mark.parametrize("kind", ["shared", "separate"])
def test_only_the_encoder_reads_the_moved_words(kind, checkpoints, data, monkeypatch):
    (model,) = translation_models.load([str(checkpoints[kind])], str(data))
    text = read_text(model, data)
    words = SourceWords(text.sources, model.source.dictionary, seed=1)
    for places, epsilon in ((words.one(), 2.0), (words.share(0.5), 50.0)):
        found = attack(model, text, places, [epsilon])
        assert found.attacked["some"] != [found.clean]
        slow = slow_translations(model, text, places, epsilon, monkeypatch)
        assert found.attacked["some"] == [slow]


def test_epsilon_0_is_the_clean_translation_and_a_huge_one_is_not(model, data):
    text = read_text(model, data)
    places = SourceWords(text.sources, model.source.dictionary, seed=1).one()
    found = attack(model, text, places, [0.0, 50.0])
    same, changed = found.attacked["some"]
    assert same == found.clean
    assert sum(line != clean for line, clean in zip(changed, found.clean, strict=True)) > 10
    assert len(found.lengths["some"]) == len(text.sources)
    assert found.clean == attack(model, text, places, [], batch_size=50).clean


def test_the_attack_raises_the_loss_by_the_length_of_the_gradient(model, data):
    text = read_text(model, data)
    dataset = TranslationTask(
        TranslationConfig(), model.source.dictionary, model.target.dictionary
    ).build_dataset_for_inference(text.sources[:4], [*map(len, text.sources[:4])])
    dataset.tgt, dataset.tgt_sizes, dataset.left_pad_source = text.targets[:4], None, False
    batch = dataset.collater([dataset[index] for index in range(4)])
    places = torch.arange(4), torch.tensor([1, 2, 1, 2])
    found = Attack.on(model, batch["net_input"], batch["target"], *places)
    with torch.no_grad(), found.applied(found.step(1e-3, relative=False)):
        rise = (model.losses(batch["net_input"], batch["target"]) - found.clean).double().sum(1)
    expected = 1e-3 * found.gradient.norm(dim=1).double()
    torch.testing.assert_close(rise, expected, rtol=0.1, atol=1e-5)


def test_clean_translations_are_those_of_the_binary_split(checkpoints, data):
    """The stock task on the data-bin: the same pieces, the same sentences, in the same order."""
    (model,) = translation_models.load([str(checkpoints["shared"])], str(data))
    text = read_text(model, data)
    task = TranslationTask.setup_task(
        TranslationConfig(data=str(data), source_lang="xx", target_lang="yy")
    )
    task.cfg.dataset_impl, task.cfg.train_subset = None, "train"
    task.cfg.required_seq_len_multiple = 1
    task.load_dataset("test")
    dataset = task.dataset("test")
    batch = dataset.collater([dataset[index] for index in range(len(dataset))])
    lines = model.translate(model.search(beam=2, length_penalty=1.0), batch)
    stock = dict(zip(batch["id"].tolist(), lines, strict=True))
    found = attack(model, text, [np.array([], dtype=int)] * len(dataset), [1.0])
    assert found.clean == [stock[index] for index in range(len(dataset))]
    assert found.attacked["some"] == [found.clean]  # no word is perturbed


def test_words_are_complete_nested_and_those_of_the_seed(checkpoints, data):
    (model,) = translation_models.load([str(checkpoints["shared"])], str(data))
    sources = read_text(model, data).sources
    first, again, other = (
        SourceWords(sources, model.source.dictionary, seed) for seed in (1, 1, 2)
    )
    assert [*map(list, first.one())] == [*map(list, again.one())] != [*map(list, other.one())]
    assert first.count == sum(map(len, first.share(1.0)))
    for source, one, half, whole in zip(
        sources, first.one(), first.share(0.5), first.share(1.0), strict=True
    ):
        assert len(one) == 1 and len(half) == max(1, round(len(whole) / 2))
        assert set(one) <= set(half) <= set(whole)
        pieces = [model.source.dictionary[source[column]] for column in sorted(whole)]
        words = model.source.decode(source)[2:-1].split()  # without the "7" and the "!"
        assert [piece.removeprefix("▁") for piece in pieces] == words


def test_the_command(checkpoints, data, tmp_path, run_main, capsys):
    paths = [f"{kind}={checkpoints[kind]}" for kind in ("separate", "shared")]
    raw = data / "raw" / "test.xx"
    (tmp_path / "backwards.xx").write_text(
        "".join(" ".join(line.split()[::-1]) + "\n" for line in raw.read_text().splitlines())
    )
    report, plot, folder = tmp_path / "report.json", tmp_path / "plot.png", tmp_path / "out"
    folder.mkdir()
    run_main(
        translation_robustness, *paths, "--data", data, "--epsilon", 9, 0.5, "--relative",
        "--share", 0.5, "--source-text", f"same={raw}", tmp_path / "backwards.xx", "--beam", 2,
        "--batch-size", 8, "--translations", folder, "--json", report, "--plot", plot, "--cpu",
    )  # fmt: skip
    printed = capsys.readouterr().out
    results = json.loads(report.read_text())
    assert [row["name"] for row in results["checkpoints"]] == ["separate", "shared"]
    assert results["perturbed_words"]["one word"] == 21 < results["complete_words"]
    references = (data / "raw" / "test.yy").read_text().splitlines()

    def bleu(what: str) -> float:
        lines = (folder / f"{row['name']}.{what}.yy").read_text().splitlines()
        return sacrebleu.corpus_bleu(lines, [references]).score

    for row in results["checkpoints"]:
        assert row["epsilon"] == [0.0, 0.5, 9.0]
        for which, name in (("one word", "one-word"), ("0.5 of the words", "0.5-of-the-words")):
            files = ["clean", f"{name}-epsilon-0.5", f"{name}-epsilon-9"]
            assert row["bleu"][which] == pytest.approx([*map(bleu, files)])
            cells = " | ".join(f"{score:.2f}" for score in row["bleu"][which])
            assert f"| {row['name']} | {which} | {cells} | " in printed
        clean, *_, worst = row["bleu"]["0.5 of the words"]
        assert clean > 50 > worst
        assert row["source_texts"]["same"] == pytest.approx(clean)
        backwards = row["source_texts"]["backwards.xx"]
        assert backwards == pytest.approx(bleu("source-backwards.xx")) and backwards < clean
    assert results["signature"] in printed and "tok:13a" in results["signature"]
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("flag", "values", "message"),
    [
        ("--epsilon", ["0"], "--epsilon 0: "),
        ("--share", ["1.5"], "--share 1.5: "),
        ("--beam", ["0"], "--beam 0: "),
        ("--batch-size", ["0"], "--batch-size 0: "),
        ("--translations", ["absent"], "--translations absent: no such folder"),
        ("--json", ["absent/report.json"], "--json absent/report.json: "),
        ("--split", ["train"], r"train.xx: no such file.*data_prep.parallel_text"),
        ("--source-text", ["absent.xx"], "absent.xx: cannot be read"),
        ("--source-text", ["a=b", "a=c"], "two --source-text files have one name"),
    ],
)
def test_bad_flags(checkpoints, data, run_main, flag, values, message):
    with pytest.raises(InputError, match=message):
        run_main(
            translation_robustness, checkpoints["shared"], "--data", data, "--cpu", flag, *values
        )


def test_texts_that_do_not_fit(checkpoints, data, tmp_path, run_main):
    texts = {"short": "one line\n", "empty": "\n \n", "long": 21 * (1100 * "7" + "\n")}
    messages = ["short has 1 lines, .*test.yy has 21", "empty: no text in it", "pieces, .* at most"]
    for (name, content), message in zip(texts.items(), messages, strict=True):
        (tmp_path / name).write_text(content)
        with pytest.raises(InputError, match=message):
            run_main(
                translation_robustness, checkpoints["shared"], "--data", data, "--cpu",
                "--beam", 1, "--epsilon", 1, "--source-text", tmp_path / name,
            )  # fmt: skip


def test_models_and_data_bins_that_do_not_fit(checkpoints, data, lm_checkpoints, tmp_path):
    def refused(folder, *paths, match):
        with pytest.raises(InputError, match=match):
            translation_models.load([*map(str, paths)], str(folder))

    shared, separate = checkpoints["shared"], checkpoints["separate"]
    refused(data, lm_checkpoints["transformer"], match="not a translation model")
    refused(tmp_path, shared, match="dict.xx.txt: no such file")
    state = torch.load(shared, weights_only=True)
    state["cfg"]["task"] |= {"source_lang": "yy", "target_lang": "xx"}
    torch.save(state, tmp_path / "back.pt")
    refused(data, separate, tmp_path / "back.pt", match="translates yy-xx, .* xx-yy")

    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    with (copy / "dict.yy.txt").open("a") as dictionary:
        dictionary.write("another 1\n")
    refused(copy, separate, match=re.escape("dict.yy.txt has"))
    (copy / "spm.model").write_text("text")
    refused(copy, shared, match="spm.model: not a SentencePiece model")
    (copy / "spm.model").unlink()
    refused(copy, shared, match="spm.xx.model or spm.model: no such file.*detokenized")


def test_the_first_word_of_a_sentence_may_be_perturbed():
    """Nothing stands before it that it could go on with, as in the training."""
    dictionary = Dictionary()
    for symbol in ("tree", "la@@", "ke"):
        dictionary.add_symbol(symbol)
    source = dictionary.encode_line("tree la@@ ke", add_if_not_exist=False).long()
    assert [*map(list, SourceWords([source], dictionary, seed=1).share(1.0))] == [[0]]
