"""Losses token by token, the attack, and what cannot be loaded."""

import os

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation.language_models.gradient_attack import Attack
from fairseq_cline.evaluation.language_models.language_model import (
    load_language_models,
    load_rows,
    longest_row,
)


@pytest.fixture
def batch(language_model):
    """Three rows of different lengths: input and target."""
    pad = language_model.pad
    torch.manual_seed(2)
    text = torch.randint(4, len(language_model.task.dictionary), (3, 11))
    text[1, 8:] = pad
    text[2, 5:] = pad
    return {"src_tokens": text[:, :-1]}, text[:, 1:]


def attack_on(language_model, batch):
    return Attack.on(language_model, *batch, torch.tensor([0, 1, 2]), torch.tensor([4, 0, 2]))


def test_losses_are_the_negative_logarithms_of_the_normalized_probabilities(language_model, batch):
    net_input, target = batch
    output = language_model.model(**net_input)
    probabilities = language_model.model.get_normalized_probs(output, log_probs=False)
    losses = language_model.losses(*batch)
    assert losses.shape == target.shape
    for row in range(len(target)):
        for column in range(target.size(1)):
            symbol = int(target[row, column])
            expected = 0.0
            if symbol != language_model.pad:
                expected = -probabilities[row, column, symbol].log().item()
            assert losses[row, column].item() == pytest.approx(expected, abs=1e-5)


def test_losses_of_a_batch_without_rare_words(language_model, batch):
    net_input, target = batch
    common = target.clamp(max=5)  # no band of an adaptive soft-max but the first
    output = language_model.model(**net_input)
    scores = language_model.model.get_normalized_probs(output, log_probs=True)
    expected = -scores.gather(2, common.unsqueeze(2)).squeeze(2)
    expected = expected.masked_fill(common == language_model.pad, 0.0)
    torch.testing.assert_close(language_model.losses(net_input, common), expected)


def test_the_attack_raises_the_loss_by_the_length_of_the_gradient(language_model, batch):
    attack = attack_on(language_model, batch)
    epsilon = 1e-2
    with torch.no_grad(), attack.applied(attack.step(epsilon, relative=False)):
        rise = (language_model.losses(*batch) - attack.clean).double().sum(1)
    assert (rise > 0).all()
    expected = epsilon * attack.gradient.norm(dim=1).double()
    torch.testing.assert_close(rise, expected, rtol=0.1, atol=1e-5)


def test_the_attack_moves_nothing_before_its_word(language_model, batch):
    attack = attack_on(language_model, batch)
    with torch.no_grad(), attack.applied(attack.step(1.0, relative=False)):
        moved = language_model.losses(*batch) - attack.clean
    for row, column in enumerate(attack.columns.tolist()):
        assert (moved[row, :column].abs() < 1e-6).all()
        assert (moved[row, column:].abs() > 1e-6).any()


def test_epsilon_0_is_no_attack(language_model, batch):
    attack = attack_on(language_model, batch)
    with torch.no_grad(), attack.applied(attack.step(0.0, relative=False)):
        assert torch.equal(language_model.losses(*batch), attack.clean)


def test_a_relative_epsilon_is_a_share_of_the_embedding(language_model, batch):
    attack = attack_on(language_model, batch)
    torch.testing.assert_close(
        attack.step(0.5, relative=True).norm(dim=1), 0.5 * attack.embedding.norm(dim=1)
    )
    layer = language_model.embedding_layer
    tokens = batch[0]["src_tokens"][attack.rows, attack.columns]
    torch.testing.assert_close(attack.embedding, layer(tokens.unsqueeze(0))[0])


def test_next_scores_are_those_of_the_whole_model(language_model, batch):
    net_input, _ = batch
    rows, columns = torch.tensor([0, 1, 2]), torch.tensor([9, 6, 3])
    output = language_model.model(**net_input)
    expected = language_model.model.get_normalized_probs(output, log_probs=True)[rows, columns]
    scores = language_model.next_scores(net_input["src_tokens"], rows, columns)
    torch.testing.assert_close(scores.log_softmax(1), expected)


def test_names_and_settings(lm_checkpoints, lm_databin):
    paths = {"first": str(lm_checkpoints["lstm"]), "second": str(lm_checkpoints["adaptive"])}
    models = load_language_models(paths, str(lm_databin))
    assert [model.name for model in models] == ["first", "second"]
    assert not any(model.model.training or model.leaks_future for model in models)
    assert longest_row(models) == 16


def test_a_leaking_model_is_announced(write_lm, lm_databin, tmp_path, capsys):
    write_checkpoint = write_lm[1]
    path = write_checkpoint(tmp_path / "x.pt", lm_databin, "tensorized", "--leak-future-tokens")
    (model,) = load_language_models({"leak": str(path)}, str(lm_databin))
    assert model.leaks_future
    assert capsys.readouterr().err.startswith("warning: leak was trained with --leak-future-tokens")


def test_what_cannot_be_compared(lm_checkpoints, lm_databin, write_lm, tmp_path):
    write_databin, write_checkpoint = write_lm
    lstm = str(lm_checkpoints["lstm"])
    encoder = tmp_path / "encoder.pt"
    torch.save({**torch.load(lstm), "model": {"encoder.x.weight": torch.zeros(1)}}, encoder)
    longer = write_checkpoint(tmp_path / "longer.pt", lm_databin, "lstm", "--tokens-per-sample=32")
    larger = write_databin(tmp_path / "larger", words=["other", "words", *"bcdefghijklmnopq"])
    data = str(lm_databin)
    for paths, folder, message in (
        ([str(tmp_path / "none.pt")], data, "none.pt: cannot be read"),
        ([str(encoder)], data, "not a decoder-only language model"),
        ([lstm], str(tmp_path), "dict.txt: no such file"),
        ([lstm], str(larger), "its vocabulary has 24 symbols, .* has 27"),
        ([lstm, str(longer)], data, "longer.pt was trained with --tokens-per-sample 32, lstm.pt"),
    ):
        with pytest.raises(InputError, match=message):
            load_language_models({os.path.basename(path): path for path in paths}, folder)


def test_a_missing_split(language_model_of):
    with pytest.raises(InputError, match="--split valid: not in"):
        load_rows([language_model_of("transformer")], "valid")
