"""Attacks on the source against one sentence at a time without hooks, and the stock task."""

import functools
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from fairseq.data import Dictionary
from fairseq.tasks.translation import TranslationConfig, TranslationTask
from toy_translation import KINDS

from fairseq_cline.evaluation.language_models.gradient_attack import Attack
from fairseq_cline.evaluation.translation.source_attack import SourceAttack, SourceWords
from fairseq_cline.evaluation.translation.translation_model import (
    TranslationModel,
    load_translation_models,
)
from fairseq_cline.evaluation.translation.translation_text import TranslatedText, load_split


@pytest.fixture
def load_model(translation_checkpoints, translation_data):
    """Loads the model of one kind: `load_model("lstm")`."""

    def load(kind: str) -> TranslationModel:
        paths = {kind: str(translation_checkpoints[kind])}
        return load_translation_models(paths, str(translation_data))[0]

    return load


@pytest.fixture(params=KINDS)
def model(request, load_model) -> TranslationModel:
    return load_model(request.param)


def read_text(model: TranslationModel, data: Path) -> TranslatedText:
    return load_split(str(data), "test", model.source, model.target)


def attack(model, text, places, epsilons, batch_size=5):
    settings = SourceAttack({"some": places}, epsilons, beam=2, batch_size=batch_size)
    return settings.on(model, text.sources, text.targets)


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
def test_only_the_encoder_reads_the_moved_words(kind, load_model, translation_data, monkeypatch):
    model = load_model(kind)
    text = read_text(model, translation_data)
    words = SourceWords(text.sources, model.source.dictionary, seed=1)
    for places, epsilon in ((words.one(), 2.0), (words.share(0.5), 50.0)):
        found = attack(model, text, places, [epsilon])
        assert found.attacked["some"] != [found.clean]
        slow = slow_translations(model, text, places, epsilon, monkeypatch)
        assert found.attacked["some"] == [slow]


def test_epsilon_0_is_the_clean_translation_and_a_huge_one_is_not(model, translation_data):
    text = read_text(model, translation_data)
    places = SourceWords(text.sources, model.source.dictionary, seed=1).one()
    found = attack(model, text, places, [0.0, 50.0])
    same, changed = found.attacked["some"]
    assert same == found.clean
    assert sum(line != clean for line, clean in zip(changed, found.clean, strict=True)) > 10
    assert len(found.lengths["some"]) == len(text.sources)
    assert found.clean == attack(model, text, places, [], batch_size=50).clean


def test_the_attack_raises_the_loss_by_the_length_of_the_gradient(model, translation_data):
    text = read_text(model, translation_data)
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


def test_clean_translations_are_those_of_the_binary_split(load_model, translation_data):
    """The stock task on the data-bin: the same pieces, the same sentences, in the same order."""
    model = load_model("shared")
    text = read_text(model, translation_data)
    task = TranslationTask.setup_task(
        TranslationConfig(data=str(translation_data), source_lang="xx", target_lang="yy")
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


def test_words_are_complete_nested_and_those_of_the_seed(load_model, translation_data):
    model = load_model("shared")
    sources = read_text(model, translation_data).sources
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


def test_the_first_word_of_a_sentence_may_be_perturbed():
    """Nothing stands before it that it could go on with, as in the training."""
    dictionary = Dictionary()
    for symbol in ("tree", "la@@", "ke"):
        dictionary.add_symbol(symbol)
    source = dictionary.encode_line("tree la@@ ke", add_if_not_exist=False).long()
    assert [*map(list, SourceWords([source], dictionary, seed=1).share(1.0))] == [[0]]
