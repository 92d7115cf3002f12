import math
from argparse import Namespace

import pytest
import torch
import torch.nn.functional as F
from fairseq.criterions.sentence_prediction import (
    SentencePredictionConfig,
    SentencePredictionCriterion,
)
from fairseq.logging import metrics
from fairseq.models.roberta import base_architecture
from omegaconf import OmegaConf

from data_prep.errors import InputError
from fairseq_cline.criterions.clld import ClldConfig, ClldCriterion
from fairseq_cline.losses.label_distance_contrast import label_distance_loss
from fairseq_cline.tasks.clld_classification import (
    ClldClassificationConfig,
    ClldClassificationTask,
)

HEAD = "sentence_classification_head"


@pytest.fixture
def task(classification_databin):
    cfg = OmegaConf.structured(ClldClassificationConfig)
    cfg.data, cfg.init_token, cfg.max_positions = str(classification_databin), 0, 32
    cfg.regression_target, cfg.classification_head_name, cfg.seed = False, HEAD, 1
    cfg.criterion_name, cfg.valid_subset, cfg.max_epoch, cfg.max_update = "clld", "valid", 10, 0
    cfg.train_subset, cfg.disable_validation = "train", False
    task = ClldClassificationTask.setup_task(cfg)
    task.load_dataset("train")
    return task


def make_model(task, dropout):
    sizes = {"encoder_layers": 1, "encoder_embed_dim": 16, "encoder_ffn_embed_dim": 32}
    args = Namespace(
        _name="roberta", encoder_attention_heads=2, dropout=dropout, attention_dropout=dropout,
        pooler_dropout=dropout, **sizes,
    )  # fmt: skip
    base_architecture(args)
    torch.manual_seed(1)
    return task.build_model(args).train()


@pytest.fixture
def model(task):
    return make_model(task, 0.0)


@pytest.fixture
def batch(task):
    return task.dataset("train").collater([task.dataset("train")[k] for k in range(6)])


def make_criterion(task, model, **settings):
    """The task learns the size of a sentence's vector from the model."""
    torch.manual_seed(2)
    cfg = ClldConfig(classification_head_name=HEAD, regression_target=False, **settings)
    return ClldCriterion(cfg, task).train()


def stock(task):
    cfg = SentencePredictionConfig(classification_head_name=HEAD, regression_target=False)
    return SentencePredictionCriterion(cfg, task)


def reduced(logs):
    with metrics.aggregate(new_root=True) as aggregate:
        ClldCriterion.reduce_metrics(logs)
    return aggregate.get_smoothed_values()


def test_adds_up_the_two_losses(task, model, batch):
    criterion = make_criterion(
        task, model, contrastive_weight=0.3, contrastive_temperature=0.5, contrastive_dim=7
    )
    criterion.label_distance.matrix.copy_(torch.tensor([[1.0, 4.0], [3.0, 1.0]]))
    loss, sample_size, log = criterion(model, batch)
    features, _ = model(batch["net_input"]["src_tokens"], features_only=True)
    vectors = criterion.head(torch.cat([features[:, 0]] * 2))
    assert vectors.shape == (12, 7)
    labels = torch.cat([batch["target"]] * 2).view(-1)
    contrast = label_distance_loss(vectors, labels, criterion.label_distance.matrix, 0.5).sum()
    logits = model.classification_heads[HEAD](features)
    classification = 2 * F.cross_entropy(logits, batch["target"].view(-1), reduction="sum")
    torch.testing.assert_close(loss, 0.7 * classification + 0.3 * contrast)
    assert sample_size == log["sample_size"] == 12
    values = reduced([log])
    assert values["classification_loss"] == pytest.approx(
        classification.item() / 12 / math.log(2), abs=1e-3
    )
    assert values["contrastive_loss"] == pytest.approx(contrast.item() / 12 / math.log(2), abs=1e-3)
    assert values["loss"] == pytest.approx(loss.item() / 12 / math.log(2), abs=1e-3)


def test_weight_zero_is_the_stock_loss_of_the_doubled_batch(task, batch):
    model = make_model(task, 0.1)
    twice = task.dataset("train").collater([task.dataset("train")[k % 6] for k in range(12)])
    losses = []
    for criterion, sample in (
        (make_criterion(task, model, contrastive_weight=0.0), batch),
        (stock(task), twice),
    ):
        torch.manual_seed(3)
        model.zero_grad()
        loss, sample_size, _ = criterion(model, sample)
        loss.backward()
        gradient = model.encoder.sentence_encoder.embed_tokens.weight.grad.clone()
        losses.append((loss, sample_size, gradient))
    assert losses[0][0] == losses[1][0] and losses[0][1] == losses[1][1]
    assert torch.equal(losses[0][2], losses[1][2])


def test_dropout_makes_two_views(task, batch):
    model = make_model(task, 0.5)
    criterion = make_criterion(task, model)
    seen = []
    model.classification_heads[HEAD].register_forward_hook(
        lambda module, inputs, output: seen.append(inputs[0][:, 0])
    )
    criterion(model, batch)
    first, second = seen[0].chunk(2)
    assert seen[0].size(0) == 12 and not torch.allclose(first, second)


def test_the_batch_is_not_changed(task, model, batch):
    tokens, target = batch["net_input"]["src_tokens"].clone(), batch["target"].clone()
    make_criterion(task, model)(model, batch)
    assert torch.equal(batch["net_input"]["src_tokens"], tokens)
    assert torch.equal(batch["target"], target)


def test_validation_is_stock_and_counts_confusions(task, model, batch):
    criterion = make_criterion(task, model).eval()
    model.eval()
    loss, sample_size, log = criterion(model, batch)
    expected, expected_size, _ = stock(task)(model, batch)
    assert loss == expected and sample_size == expected_size
    logits, _ = model(**batch["net_input"], classification_head_name=HEAD)
    counts = torch.zeros(2, 2, dtype=torch.long)
    for actual, row in zip(batch["target"].view(-1).tolist(), logits, strict=True):
        counts[actual, row.argmax()] += 1
    assert torch.equal(log["confusion"], counts)
    assert "contrastive_loss" not in reduced([log])


def test_gradients_reach_the_encoder_and_the_head(task, model, batch):
    criterion = make_criterion(task, model, contrastive_weight=1.0)
    criterion(model, batch)[0].backward()
    assert model.encoder.sentence_encoder.embed_tokens.weight.grad.any()
    assert all(parameter.grad.any() for parameter in criterion.head.parameters())


def test_figures_of_micro_batches_are_means_over_their_rows(task, model, batch):
    criterion = make_criterion(task, model)
    dataset = task.dataset("train")
    logs = [
        criterion(model, dataset.collater([dataset[k] for k in part]))[2]
        for part in ([0, 1], [2, 3, 4, 5])
    ]
    expected = sum(log["contrastive_loss"].item() for log in logs) / 12 / math.log(2)
    values = reduced(logs)
    assert values["contrastive_loss"] == pytest.approx(expected, abs=1e-3)
    same = sum(log["same_cosine"].item() for log in logs)
    pairs = sum(log["same_pairs"].item() for log in logs)
    assert values["same_cosine"] == pytest.approx(same / pairs, abs=1e-3)


@pytest.mark.parametrize("other", [None, {}, {"cline.log_variance": torch.zeros(3)}])
def test_a_checkpoint_of_another_criterion_leaves_it_fresh(task, model, other):
    criterion = make_criterion(task, model)
    before = {key: value.clone() for key, value in criterion.state_dict().items()}
    criterion.load_state_dict(other)
    for key, value in criterion.state_dict().items():
        assert torch.equal(value, before[key])


def test_its_own_state_is_restored(task, model):
    criterion = make_criterion(task, model)
    state = {key: value + 1 for key, value in criterion.state_dict().items()}
    criterion.load_state_dict(state)
    for key, value in criterion.state_dict().items():
        assert torch.equal(value, state[key])
    with pytest.raises(InputError, match="use its --contrastive-dim"):
        make_criterion(task, model, contrastive_dim=5).load_state_dict(state)


def test_numbers_and_other_tasks_are_refused(task):
    numbers = ClldConfig(classification_head_name=HEAD, regression_target=True)
    with pytest.raises(InputError, match="leave --regression-target out"):
        ClldCriterion(numbers, task)
    classes = ClldConfig(classification_head_name=HEAD, regression_target=False)
    with pytest.raises(InputError, match="--criterion clld needs --task clld_classification"):
        ClldCriterion(classes, Namespace(label_dictionary=None, target_dictionary=None))


def test_learns_one_batch(task, model, batch):
    """Within 60 updates the classes part: classification below 0.05, contrast near its least."""
    criterion = make_criterion(task, model, contrastive_temperature=0.1)
    parameters = [*model.parameters(), *criterion.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=1e-2)
    for _ in range(60):
        loss, size, log = criterion(model, batch)
        optimizer.zero_grad()
        (loss / size).backward()
        optimizer.step()
    values = reduced([log])
    assert values["classification_loss"] < 0.05
    assert values["contrastive_loss"] < 0.1
    assert values["same_cosine"] > 0.9 and values["other_cosine"] < 0.0
