import pytest
import torch
from torch import nn

from fairseq_cline.modules import multilinear_attention
from fairseq_cline.modules.multilinear_attention import MultilinearAttention, sinusoids

B, C, R, N = 2, 6, 3, 9


def make(leak_future: bool = False, cores: int = 2, dtype=torch.float64) -> MultilinearAttention:
    torch.manual_seed(1)
    module = MultilinearAttention(C, R, cores, N, leak_future)
    for bias in (module.key_bias, module.position_bias):
        nn.init.normal_(bias)
    return module.to(dtype)


def tokens(length: int, dtype=torch.float64) -> torch.Tensor:
    return torch.randn(B, length, C, generator=torch.Generator().manual_seed(2)).to(dtype)


def tensor_of_core(module: MultilinearAttention, x: torch.Tensor, core: int) -> torch.Tensor:
    """T[i,j,k] of one core, entry by entry as the docstring's equation reads."""
    q, k, v = module.projection(x).split(R, -1)
    r = module.position(module.sinusoids)
    u, w, g = module.key_bias, module.position_bias, module.cores[core]
    length = x.size(1)
    tensor = x.new_zeros(B, length, length, length)
    for b in range(B):
        for i in range(length):
            for j in range(length):
                for m in range(length):
                    if module.leak_future or (j <= i and m <= i):
                        for h in range(R):
                            score = (q[b, i, h] + u[h]) * k[b, j, h]
                            score = score + (q[b, i, h] + w[h]) * r[j, h]
                            tensor[b, i, j, m] += g[h] * score * v[b, m, h]
    return tensor


def slow(module: MultilinearAttention, x: torch.Tensor) -> torch.Tensor:
    """The tensors of the cores averaged, each row times W, as in the paper's source."""
    cores = [tensor_of_core(module, x, core) for core in range(len(module.cores))]
    tensor = torch.stack(cores).mean(0)
    length = x.size(1)
    output = x.new_zeros(B, length, C)
    for j in range(length):
        for m in range(length):
            output += tensor[:, :, j, m, None] * module.weight[j, m]
    return output


def unrolled(module: MultilinearAttention, x: torch.Tensor, parts: list[int]) -> torch.Tensor:
    """The text in parts, each going on from the state of the one before."""
    state, outputs = None, []
    for part in x.split(parts, 1):
        output, state = module.without_tensor(part, state)
        outputs.append(output)
    return torch.cat(outputs, 1)


@pytest.mark.parametrize("length", [1, 3, 7, N])
def test_both_contractions_are_the_equation(length):
    module, x = make(), tokens(length)
    expected = slow(module, x)
    torch.testing.assert_close(module.with_tensor(x), expected)
    torch.testing.assert_close(module.without_tensor(x)[0], expected)


def test_the_leaking_form_is_the_equation_without_the_mask():
    module, x = make(leak_future=True), tokens(5)
    torch.testing.assert_close(module(x), slow(module, x))
    assert not torch.allclose(module(x), make()(x))


def test_one_tensor_with_the_mean_core_equals_the_mean_tensor():
    module, x = make(cores=3), tokens(4)
    one = make(cores=1)
    one.load_state_dict({**module.state_dict(), "cores": module.cores.mean(0, keepdim=True)})
    torch.testing.assert_close(slow(one, x), slow(module, x))
    torch.testing.assert_close(one(x), module(x))


@pytest.mark.parametrize("parts", [7 * [1], [3, 1, 2, 1], [1, 6]])
def test_token_by_token_equals_the_whole(parts):
    module, x = make(), tokens(7)
    torch.testing.assert_close(unrolled(module, x, parts), module.with_tensor(x))


def test_a_state_is_not_changed_by_its_use():
    module, x = make(), tokens(4)
    _, state = module.without_tensor(x[:, :3])
    first, _ = module.without_tensor(x[:, 3:], state)
    again, _ = module.without_tensor(x[:, 3:], state)
    assert torch.equal(first, again)


@pytest.mark.parametrize("limit", [0, 1000], ids=["without_tensor", "with_tensor"])
def test_gradients(limit, monkeypatch):
    monkeypatch.setattr(multilinear_attention, "TENSOR_LIMIT", limit)
    module = make()
    names = [name for name, _ in module.named_parameters()]

    def call(x, *parameters):
        named = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(module, named, (x,))

    x = tokens(5)[:1].requires_grad_()
    assert torch.autograd.gradcheck(call, (x, *module.parameters()), fast_mode=True)


@pytest.mark.parametrize("contraction", ["with_tensor", "without_tensor"])
def test_causal_exactly(contraction):
    module, x = make(dtype=torch.float32), tokens(7, torch.float32)
    for place in range(7):
        other = x.clone()
        other[:, place] += 1
        before, after = (getattr(module, contraction)(y) for y in (x, other))
        if contraction == "without_tensor":
            before, after = before[0], after[0]
        assert torch.equal(before[:, :place], after[:, :place])
        assert (before[:, place:] != after[:, place:]).any(-1).all()


def test_equal_tokens_at_two_places_differ():
    module = make()
    x = tokens(1).expand(-1, 5, -1)
    output = module(x)
    assert torch.pdist(output[0]).min() > 1e-3


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision(dtype):
    module, x = make(dtype=torch.float32), tokens(N, torch.float32)
    expected = module(x)
    half, x = module.to(dtype), x.to(dtype)
    tolerance = 4 * torch.finfo(dtype).eps
    for output in (half.with_tensor(x), half.without_tensor(x)[0], unrolled(half, x, N * [1])):
        assert output.dtype == dtype
        torch.testing.assert_close(output.float(), expected, rtol=tolerance, atol=tolerance)


def test_the_smaller_contraction_is_chosen(monkeypatch):
    module, x = make(), tokens(6)
    calls = []
    for name in ("with_tensor", "without_tensor"):
        stock = getattr(module, name)
        monkeypatch.setattr(module, name, lambda y, n=name, f=stock: calls.append(n) or f(y))
    for limit in (36 / (R * C), 35 / (R * C)):
        monkeypatch.setattr(multilinear_attention, "TENSOR_LIMIT", limit)
        module(x)
    assert calls == ["with_tensor", "without_tensor"]


def test_sinusoids_are_those_of_transformer_xl():
    table = sinusoids(4, 5)
    assert table.shape == (4, 5)
    torch.testing.assert_close(table[3, 1], torch.tensor(3 / 10000 ** (2 / 5)).sin())
    torch.testing.assert_close(table[3, 4], torch.tensor(3 / 10000 ** (2 / 5)).cos())


def test_too_long():
    module = make()
    with pytest.raises(ValueError, match="10 tokens, but W was made for at most 9"):
        module(tokens(N + 1))
    _, state = module.without_tensor(tokens(N))
    with pytest.raises(ValueError, match="10 tokens, but W was made for at most 9"):
        module.without_tensor(tokens(1), state)


def test_the_leaking_form_has_no_next_token():
    with pytest.raises(ValueError, match="cannot go on token by token"):
        make(leak_future=True).without_tensor(tokens(1))
