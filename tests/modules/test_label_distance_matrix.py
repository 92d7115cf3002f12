import pytest
import torch

from fairseq_cline.modules.label_distance_matrix import LabelDistance, distances_of

CONFUSION = torch.tensor([[90.0, 8.0, 2.0], [4.0, 50.0, 0.0], [0.0, 1.0, 300.0]])


def test_the_most_confused_pair_is_farthest():
    expected = torch.tensor([[1.0, 5.0, 2.0], [3.0, 1.0, 1.0], [1.0, 1.5, 1.0]])
    torch.testing.assert_close(distances_of(CONFUSION, 5.0), expected)


def test_the_size_of_the_validation_set_does_not_matter():
    torch.testing.assert_close(distances_of(CONFUSION, 5.0), distances_of(7 * CONFUSION, 5.0))


def test_without_confusion_all_are_one_apart():
    torch.testing.assert_close(distances_of(torch.eye(3) * 4, 5.0), torch.ones(3, 3))


@pytest.fixture
def distance():
    return LabelDistance(3)


def test_follows_what_is_pending_once(distance):
    """Line 10 of Algorithm 1: (new - old) * epsilon + old."""
    assert not distance.follow(5.0, 0.5)
    distance.pending.copy_(CONFUSION)
    assert distance.follow(5.0, 0.5)
    first = 1 + (distances_of(CONFUSION, 5.0) - 1) * 0.5
    torch.testing.assert_close(distance.matrix, first)
    assert not distance.follow(5.0, 0.5)
    torch.testing.assert_close(distance.matrix, first)
    distance.pending.copy_(CONFUSION.T)
    assert distance.follow(3.0, 0.25)
    second = first + (distances_of(CONFUSION.T, 3.0) - first) * 0.25
    torch.testing.assert_close(distance.matrix, second)
    assert distance.updates == 2


def test_stays_in_single_precision(distance):
    """A third, and counts above 2048, would be rounded in fp16."""
    distance.pending.fill_(2049)
    distance.matrix.fill_(1 / 3)
    distance.half()
    assert distance.matrix.dtype == distance.pending.dtype == torch.float32
    assert distance.matrix[0, 0] == torch.tensor(1 / 3) and distance.pending[0, 0] == 2049


def test_is_saved_and_restored(distance):
    distance.pending.copy_(CONFUSION)
    distance.follow(5.0, 1.0)
    distance.pending.copy_(CONFUSION)
    distance.validations += 10
    other = LabelDistance(3)
    other.load_state_dict(distance.state_dict())
    for name, buffer in distance.named_buffers():
        torch.testing.assert_close(dict(other.named_buffers())[name], buffer)
    assert (other.updates, other.validations) == (1, 10)


def test_begins_anew(distance):
    distance.pending.copy_(CONFUSION)
    distance.follow(5.0, 1.0)
    distance.pending.copy_(CONFUSION)
    distance.validations += 10
    distance.start(2 * torch.eye(3))
    assert torch.equal(distance.matrix, 2 * torch.eye(3))
    assert not distance.pending.any() and (distance.updates, distance.validations) == (0, 0)
