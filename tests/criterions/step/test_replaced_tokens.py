import pytest
import torch
from fairseq.logging import metrics

from fairseq_cline.criterions.step import replaced_tokens
from fairseq_cline.data import triplet_dataset


def test_data_and_criterion_ignore_the_same_label():
    """A criterion may not import from the data, so each has a name for it."""
    assert replaced_tokens.IGNORED_LABEL == triplet_dataset.IGNORED_LABEL


def test_the_counts_are_those_of_labeled_tokens():
    logits = torch.tensor([[3.0, 2.0, -1.0, 5.0], [-2.0, 4.0, -4.0, 5.0]])
    labels = torch.tensor([[1, 0, 1, -1], [0, 1, 1, -1]])
    mean, log = replaced_tokens.replaced_tokens(logits, labels)
    signs = torch.where(labels == 1, 1.0, -1.0)
    losses = -torch.nn.functional.logsigmoid(signs * logits)[:, :3]
    assert mean.item() == pytest.approx(losses.mean().item())
    assert {key: int(value) for key, value in log.items() if key != "rtd_loss"} == {
        "rtd_tokens": 6,
        "rtd_tp": 2,
        "rtd_fp": 1,
        "rtd_fn": 2,
    }
    with metrics.aggregate(new_root=True) as aggregate:
        replaced_tokens.log_replaced_tokens([log, log])
    values = aggregate.get_smoothed_values()
    assert (values["rtd_precision"], values["rtd_recall"], values["rtd_f1"]) == (0.667, 0.5, 0.571)
