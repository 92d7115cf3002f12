"""PowerNorm against a slow version of Algorithm 2 of Shen et al. (2020)."""

import math
from pathlib import Path

import pytest
import torch

from fairseq_cline.modules.power_norm import PowerNorm

B, C = 6, 3
EPS = 1e-5
ROOT = Path(__file__).resolve().parents[2]


class SlowPowerNorm:
    """The algorithm, one number at a time; lists of B rows of C floats."""

    def __init__(self, norm, alpha=0.9, alpha_backward=0.9, warmup=0):
        self.gamma, self.beta = norm.weight.tolist(), norm.bias.tolist()
        self.alpha, self.alpha_backward, self.warmup = alpha, alpha_backward, warmup
        self.psi2, self.nu, self.t = [1.0] * C, [0.0] * C, 0
        self.seen = []  # psi_B^2 of all steps of the warm-up

    def forward(self, x):
        """Y, and what the backward of this step needs."""
        self.t += 1
        warm = self.t <= self.warmup
        batch = [sum(row[c] ** 2 for row in x) / len(x) for c in range(C)]
        psi = [math.sqrt(v + EPS) for v in (batch if warm else self.psi2)]
        hat = [[row[c] / psi[c] for c in range(C)] for row in x]
        y = [[self.gamma[c] * row[c] + self.beta[c] for c in range(C)] for row in hat]
        self.seen.append(batch)
        for c in range(C):
            if warm and self.t <= 1 / (1 - self.alpha):
                self.psi2[c] = sum(past[c] for past in self.seen) / self.t
            else:
                self.psi2[c] += (1 - self.alpha) * (batch[c] - self.psi2[c])
        return y, (x, hat, psi, warm)

    def backward(self, dy, state):
        """dL/dX, dL/dgamma and dL/dbeta."""
        x, hat, psi, warm = state
        n = len(dy)
        dhat = [[row[c] * self.gamma[c] for c in range(C)] for row in dy]
        dx = [[0.0] * C for _ in dy]
        for c in range(C):
            for i in range(n):
                if warm:  # through psi_B: dX^_j / dX_i = [i = j] / psi - x_i x_j / (n psi^3)
                    dx[i][c] = sum(
                        dhat[j][c] * ((i == j) / psi[c] - x[i][c] * x[j][c] / (n * psi[c] ** 3))
                        for j in range(n)
                    )
                else:
                    dx[i][c] = (dhat[i][c] - self.nu[c] * hat[i][c]) / psi[c]
            along = sum(dhat[i][c] * hat[i][c] for i in range(n)) / n
            square = sum(hat[i][c] ** 2 for i in range(n)) / n
            rate = 1 - self.alpha_backward
            self.nu[c] = self.nu[c] * (1 - rate * square) + rate * along
        dgamma = [sum(dy[i][c] * hat[i][c] for i in range(n)) for c in range(C)]
        dbeta = [sum(dy[i][c] for i in range(n)) for c in range(C)]
        return dx, dgamma, dbeta


def random_norm(**settings):
    norm = PowerNorm(C, **settings).double()
    generator = torch.Generator().manual_seed(1)
    torch.nn.init.normal_(norm.weight, 1, 0.3, generator)
    torch.nn.init.normal_(norm.bias, generator=generator)
    return norm


def batches(count, dtype=torch.double, seed=2):
    """Inputs and gradients of a loss, each (B, C); the channels differ in scale and mean."""
    generator = torch.Generator().manual_seed(seed)
    scale = torch.tensor([0.1, 1.0, 5.0])
    for _ in range(count):
        x, gradient = torch.randn(2, B, C, generator=generator, dtype=torch.double)
        yield ((x + 0.5) * scale).to(dtype), gradient.to(dtype)


def step(norm, x, gradient):
    """Forward and backward of <Y, gradient>: Y and dL/dX."""
    x = x.clone().requires_grad_()
    y = norm(x)
    y.backward(gradient.to(y.dtype))
    return y.detach(), x.grad


def statistics(norm):
    return {name: buffer.clone() for name, buffer in norm.named_buffers()}


def assert_close(actual, expected):
    expected = torch.as_tensor(expected, dtype=actual.dtype)
    torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-12)


def assert_statistics(norm, slow):
    assert_close(norm.psi_squared, slow.psi2)
    assert_close(norm.nu, slow.nu)
    assert norm.updates == slow.t


@pytest.mark.parametrize("alpha, alpha_backward", [(0.9, 0.9), (0.7, 0.95), (0.0, 0.5)])
@pytest.mark.parametrize("warmup", [0, 3, 12, 100])
def test_equals_the_algorithm(warmup, alpha, alpha_backward):
    norm = random_norm(
        forward_momentum=alpha, backward_momentum=alpha_backward, warmup_updates=warmup
    )
    slow = SlowPowerNorm(norm, alpha, alpha_backward, warmup)
    for x, gradient in batches(16):
        norm.zero_grad()
        y, dx = step(norm, x, gradient)
        expected, state = slow.forward(x.tolist())
        assert_close(y, expected)
        dgamma_and_others = slow.backward(gradient.tolist(), state)
        for actual, slow_one in zip(
            (dx, norm.weight.grad, norm.bias.grad), dgamma_and_others, strict=True
        ):
            assert_close(actual, slow_one)
        assert_statistics(norm, slow)


def test_the_gradient_of_the_warm_up_is_exact():
    norm = random_norm(warmup_updates=10**6)
    x, _ = next(batches(1))
    assert torch.autograd.gradcheck(norm, x.requires_grad_())


def test_evaluation_is_a_linear_map_with_its_plain_gradient():
    norm = random_norm(warmup_updates=2)
    for batch in batches(5):
        step(norm, *batch)
    before = statistics(norm)
    norm.eval()
    x, other = next(batches(1, seed=3))
    expected = norm.weight * x / (norm.psi_squared + EPS).sqrt() + norm.bias
    torch.testing.assert_close(norm(x), expected)
    torch.testing.assert_close(norm(x[:1]), norm(x)[:1])  # whatever the other rows are
    assert torch.autograd.gradcheck(norm, other.requires_grad_())
    assert all(torch.equal(value, before[name]) for name, value in norm.named_buffers())


def test_on_one_repeated_batch_the_gradient_becomes_exact():
    """psi goes to psi_B and nu to Lambda, with which the approximation is the exact gradient."""
    (batch,) = batches(1)
    norm, exact = (random_norm(warmup_updates=warmup, eps=1e-12) for warmup in (0, 1))
    _, expected = step(exact, *batch)
    for _ in range(400):
        _, gradient = step(norm, *batch)
    torch.testing.assert_close(gradient, expected, rtol=1e-6, atol=1e-8)


def test_the_value_at_the_start_has_no_part_after_a_warm_up():
    norm, other = random_norm(warmup_updates=1), random_norm(warmup_updates=1)
    other.psi_squared.fill_(1e20)
    for x, _ in batches(3):
        assert torch.equal(norm(x), other(x))


def test_without_gradients_psi_moves_and_nu_does_not():
    norm, other = random_norm(warmup_updates=2), random_norm(warmup_updates=2)
    for x, gradient in batches(6):
        with torch.no_grad():
            y = norm(x)
        assert torch.equal(y, step(other, x, gradient)[0])
    assert torch.equal(norm.psi_squared, other.psi_squared) and norm.updates == 6
    assert norm.nu.eq(0).all() and other.nu.ne(0).all()


@pytest.mark.parametrize("warmup", [0, 4, 5])
def test_two_forwards_before_their_backwards(warmup):
    """Each backward has the psi of its forward, and nu as the backward before left it."""
    norm = random_norm(warmup_updates=warmup)
    slow = SlowPowerNorm(norm, warmup=warmup)
    for batch in batches(3):
        step(norm, *batch)
        slow.backward(batch[1].tolist(), slow.forward(batch[0].tolist())[1])
    pending = []
    for x, gradient in batches(2, seed=3):
        x.requires_grad_()
        pending.append((norm(x), x, gradient, slow.forward(x.tolist())[1]))
    for y, x, gradient, state in pending:
        y.backward(gradient)
        assert_close(x.grad, slow.backward(gradient.tolist(), state)[0])
    assert_statistics(norm, slow)


def test_continues_exactly_from_its_state():
    norm = random_norm(warmup_updates=5)
    continued = PowerNorm(C, warmup_updates=5).double()
    first, second = list(batches(8))[:3], list(batches(8))[3:]
    for batch in first:
        step(norm, *batch)
    continued.load_state_dict(norm.state_dict())
    for batch in second:
        for one, other in zip(step(norm, *batch), step(continued, *batch), strict=True):
            assert torch.equal(one, other)
    for name, value in norm.state_dict().items():
        assert torch.equal(value, continued.state_dict()[name]), name


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_single(dtype):
    norm, single = PowerNorm(C, warmup_updates=3).to(dtype), PowerNorm(C, warmup_updates=3)
    for x, gradient in batches(8, dtype):
        y, dx = step(norm, x, gradient)
        expected_y, expected_dx = step(single, x.float(), gradient.float())
        assert y.dtype == dx.dtype == dtype
        assert torch.equal(y, expected_y.to(dtype))
        assert torch.equal(dx, expected_dx.to(dtype))
    for name, value in norm.named_buffers():
        assert value.dtype != dtype and torch.equal(value, single.get_buffer(name)), name
    assert norm.weight.dtype == dtype  # parameters are the optimizer's matter
    assert norm.eval()(x).dtype == dtype


@pytest.mark.parametrize("warmup", [0, 3])
def test_a_changing_scale_of_the_loss_changes_nothing_but_the_scale(warmup):
    """The scale of fp16 doubles from time to time, and falls when it was too large."""
    plain, scaled = PowerNorm(C, warmup_updates=warmup), PowerNorm(C, warmup_updates=warmup)
    for k, (x, gradient) in enumerate(batches(8, torch.float)):
        scaled.loss_scale = [128.0, 256.0, 2.0][k % 3]
        y, dx = step(scaled, x, scaled.loss_scale * gradient)
        expected_y, expected_dx = step(plain, x, gradient)
        assert torch.equal(y, expected_y)
        torch.testing.assert_close(dx / scaled.loss_scale, expected_dx)
    assert plain.nu.abs().max() > 0
    torch.testing.assert_close(scaled.nu, plain.nu)


@pytest.mark.parametrize("warmup", [0, 10])
def test_the_largest_halves_are_finite(warmup):
    norm = PowerNorm(C, warmup_updates=warmup).half()
    for _ in range(3):
        y, dx = step(norm, torch.full((B, C), 6e4).half(), torch.ones(B, C).half())
    assert y.isfinite().all() and dx.isfinite().all()
    assert norm.psi_squared.isfinite().all() and norm.nu.isfinite().all()


@pytest.mark.parametrize("warmup", [0, 10])
def test_a_channel_of_zeros_is_finite(warmup):
    norm = PowerNorm(C, warmup_updates=warmup)
    for x, gradient in batches(200, torch.float):
        x[:, 0] = 0
        y, dx = step(norm, x, gradient)
    assert y[:, 0].eq(0).all() and dx.isfinite().all() and norm.nu.isfinite().all()


@pytest.mark.parametrize("warmup", [0, 100])
@pytest.mark.parametrize("what", ["no rows", "infinite input", "infinite gradient"])
def test_a_useless_batch_leaves_the_statistics(what, warmup):
    norm = PowerNorm(C, warmup_updates=warmup)
    for batch in batches(5, torch.float):
        step(norm, *batch)
    before = statistics(norm)
    x, gradient = next(batches(1, torch.float))
    if what == "no rows":
        x, gradient = x[:0], gradient[:0]
    elif what == "infinite input":
        x[0] = math.inf
    else:
        gradient[0] = math.inf
    step(norm, x, gradient)
    assert torch.equal(norm.nu, before["nu"])
    assert torch.equal(norm.psi_squared, before["psi_squared"]) == (what != "infinite gradient")


def test_no_channels():
    assert PowerNorm(0)(torch.zeros(4, 0)).shape == (4, 0)


# The rows of each step that the first of two workers has; the second has the others.
SHARES = [3, 3, 2, 5, 6, 0, 3, 1]
WORKER = """
import sys, torch
from fairseq_cline.modules.power_norm import PowerNorm
rank, folder = int(sys.argv[1]), sys.argv[2]
torch.distributed.init_process_group(
    "gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2
)
norm = PowerNorm(3, warmup_updates=4).double()
seen = []
for x, gradient in torch.load(f"{folder}/batches{rank}.pt"):
    x.requires_grad_()
    y = norm(x)
    y.backward(gradient)
    seen.append((y.detach(), x.grad))
torch.save((seen, norm.state_dict()), f"{folder}/seen{rank}.pt")
torch.distributed.destroy_process_group()
"""


def test_two_workers_are_one_with_all_rows(binaries, tmp_path):
    steps = list(batches(len(SHARES)))
    for rank in range(2):
        parts = [
            [rows.tensor_split([share])[rank] for rows in batch]
            for batch, share in zip(steps, SHARES, strict=True)
        ]
        torch.save(parts, tmp_path / f"batches{rank}.pt")
    workers = [binaries.start("-c", WORKER, rank, tmp_path) for rank in range(2)]
    assert [worker.wait(timeout=120) for worker in workers] == [0, 0]
    seen, states = zip(*(torch.load(tmp_path / f"seen{rank}.pt") for rank in range(2)), strict=True)

    norm = PowerNorm(C, warmup_updates=4).double()
    for (x, gradient), *parts in zip(steps, *seen, strict=True):
        for whole, *part in zip(step(norm, x, gradient), *parts, strict=True):
            torch.testing.assert_close(torch.cat(part), whole)
    for name, value in norm.named_buffers():
        assert torch.equal(states[0][name], states[1][name]), name
        torch.testing.assert_close(states[0][name], value)
