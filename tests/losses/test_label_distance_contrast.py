import math

import pytest
import torch

from fairseq_cline.losses.label_distance_contrast import (
    class_cosines,
    label_distance_loss,
    pairwise_cosine,
)

LABELS = torch.tensor([0, 1, 2, 1, 0, 1, 2, 1])
DISTANCES = torch.tensor([[1.0, 5.0, 2.0], [3.0, 1.0, 0.0], [1.5, 4.0, 1.0]], dtype=torch.double)


@pytest.fixture
def vectors():
    return torch.randn(8, 5, generator=torch.Generator().manual_seed(1), dtype=torch.double)


def loss_from_the_paper(vectors, labels, distances, temperature):
    """Eq. 4 to 8 and 11 to 13 for each row, number by number."""
    rows, labels = vectors.tolist(), labels.tolist()

    def similarity(x, y):
        dot = sum(a * b for a, b in zip(x, y, strict=True))
        norms = math.sqrt(sum(a * a for a in x)) * math.sqrt(sum(b * b for b in y))
        return (dot / max(norms, 1e-8) + 1) / 2

    losses = []
    for i, row in enumerate(rows):
        others = [j for j in range(len(rows)) if j != i]
        weight = {
            j: math.exp(
                similarity(row, rows[j]) * distances[labels[i]][labels[j]].item() / temperature
            )
            for j in others
        }
        partners = [j for j in others if labels[j] == labels[i]]
        z = 1 / len(partners)
        losses.append(
            -sum(z * math.log(weight[j] / sum(weight.values())) - z * math.log(z) for j in partners)
        )
    return torch.tensor(losses, dtype=torch.double)


@pytest.mark.parametrize("temperature", [1.0, 0.1])
def test_equals_the_equations(vectors, temperature):
    for distances in (DISTANCES, None):
        expected = loss_from_the_paper(
            vectors,
            LABELS,
            torch.ones(3, 3) if distances is None else distances,
            temperature,
        )
        loss = label_distance_loss(vectors, LABELS, distances, temperature)
        torch.testing.assert_close(loss, expected)


def test_by_hand():
    """Four rows of three classes on the axes: a, a, b, c with b opposite to a and c across."""
    vectors = torch.tensor([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0], [0.0, 3.0]])
    distances = torch.tensor([[1.0, 5.0, 3.0], [5.0, 1.0, 1.0], [3.0, 1.0, 1.0]])
    loss = label_distance_loss(vectors, torch.tensor([0, 0, 1, 2]), distances)
    # Of a: similarity 1 to its partner, 0 to b (times 5), 1/2 to c (times 3).
    expected = math.log(math.e + 1 + math.exp(1.5)) - 1
    torch.testing.assert_close(loss, torch.tensor([expected, expected, 0.0, 0.0]))


def test_equal_similarities():
    """log((2M - 1) / partners)."""
    loss = label_distance_loss(torch.ones(8, 3), LABELS)
    partners = torch.tensor([1.0, 3.0, 1.0, 3.0, 1.0, 3.0, 1.0, 3.0])
    torch.testing.assert_close(loss, (7 / partners).log())


@pytest.mark.parametrize("temperature", [1.0, 0.05])
def test_best_possible(temperature):
    """Partners at similarity 1, the others at 0: log(1 + N / (P e)), far above 0."""
    labels = torch.tensor([0, 1, 0, 1, 0, 1])
    vectors = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])[labels]
    expected = math.log(1 + 3 / (2 * math.exp(1 / temperature)))
    loss = label_distance_loss(vectors, labels, temperature=temperature)
    torch.testing.assert_close(loss, torch.full((6,), expected))


def test_a_distance_of_zero_does_not_bring_the_row_itself_back(vectors):
    """A mask before the product would give NaN for -inf times 0, and 0 for -1e6 times 0."""
    distances = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.double)
    labels = torch.tensor([0, 0, 1, 1])
    loss = label_distance_loss(vectors[:4], labels, distances)
    expected = loss_from_the_paper(vectors[:4], labels, distances, 1.0)
    torch.testing.assert_close(loss, expected)


def test_order_of_the_rows_does_not_matter(vectors):
    order = torch.tensor([3, 1, 0, 7, 5, 6, 2, 4])
    loss = label_distance_loss(vectors, LABELS, DISTANCES)
    again = label_distance_loss(vectors[order], LABELS[order], DISTANCES)
    torch.testing.assert_close(again, loss[order])


def test_gradient(vectors):
    assert torch.autograd.gradcheck(
        lambda x: label_distance_loss(x, LABELS, DISTANCES, 0.3), [vectors.requires_grad_()]
    )


def test_a_class_of_one_row_costs_nothing(vectors):
    labels = torch.tensor([0, 0, 0, 1, 0, 0, 0, 0])
    vectors.requires_grad_()
    loss = label_distance_loss(vectors, labels)
    assert loss[3] == 0 and loss[0] > 0
    loss[3].backward()
    assert not vectors.grad.any()


def test_finite_in_half_precision_and_without_a_direction():
    vectors = torch.zeros(8, 4, dtype=torch.half)
    vectors[1] = 6e4
    vectors.requires_grad_()
    loss = label_distance_loss(vectors, LABELS, DISTANCES, 0.01)
    assert loss.dtype == torch.float32
    loss.sum().backward()
    assert loss.isfinite().all() and vectors.grad.isfinite().all()


def test_a_confused_pair_is_pushed_apart_harder():
    """The gradient of a row away from another class grows with their distance."""
    vectors = torch.tensor([[1.0, 0.2], [1.0, 0.0], [1.0, 0.5], [0.9, 0.5]], dtype=torch.double)
    labels = torch.tensor([0, 0, 1, 1])
    slopes = []
    for distance in (1.0, 5.0):
        x = vectors.clone().requires_grad_()
        matrix = torch.tensor([[1.0, distance], [distance, 1.0]])
        label_distance_loss(x, labels, matrix).sum().backward()
        slopes.append(x.grad.norm())
    assert slopes[1] > 3 * slopes[0]


def test_cosines_within_and_between_classes(vectors):
    cosine = pairwise_cosine(vectors)
    sums = {True: [], False: []}
    for i in range(8):
        for j in range(8):
            if i != j:
                sums[bool(LABELS[i] == LABELS[j])].append(cosine[i, j])
    same, same_pairs, other, other_pairs = class_cosines(vectors, LABELS)
    torch.testing.assert_close(same, sum(sums[True]))
    torch.testing.assert_close(other, sum(sums[False]))
    assert (same_pairs, other_pairs) == (len(sums[True]), len(sums[False]))
    torch.testing.assert_close(
        cosine, torch.nn.functional.cosine_similarity(vectors[:, None], vectors[None], dim=-1)
    )


def test_mixed_precision_does_not_overflow():
    """Vectors of length 452: their products do not fit into half precision."""
    vectors = 40 * torch.randn(8, 128, generator=torch.Generator().manual_seed(1))
    with torch.autocast("cpu", torch.float16):
        loss = label_distance_loss(vectors, LABELS, DISTANCES.float(), 0.1)
    torch.testing.assert_close(loss, label_distance_loss(vectors, LABELS, DISTANCES.float(), 0.1))
