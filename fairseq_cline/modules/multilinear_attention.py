"""Causal multi-linear attention: attention over pairs of past tokens, in block-term form.

Letters: B batch, T tokens, N maximum length, C channels, R rank; i queries, j keys, k values.
"""

import math

import torch
from torch import Tensor, nn

# Rows of the N^3 tensor are made in so many blocks. A block that ends at row b has columns up to
# b only: four blocks do 15/32 of the work and keep 15/32 of the tensor.
BLOCKS = 4
# Up to T^2 = TENSOR_LIMIT * R * C the tensor is made. On a CPU it is the faster way up to 4 to 6,
# and the smaller one up to 7 to 13: run/benchmarks/multilinear_attention.py.
TENSOR_LIMIT = 5.0
FACTORS = ("keys", "offsets", "values")


class MultilinearAttention(nn.Module):
    """Each query i sums over all pairs (j, k) of tokens up to i (Ma et al., 2019).

        T[i,j,k] = sum_h g_h [(q_ih + u_h) k_jh + (q_ih + w_h) r_jh] v_kh    for j, k <= i, else 0
        o_i = sum_jk T[i,j,k] W[j,k]

    q, k, v are one projection of the input, r is a projection of the sinusoids of j, u and w are
    learned biases. Since `(q + u) k + (q + w) r = q (k + r) + (u k + w r)`, a token has three
    factors besides its query: its key `k + r`, its offset `u k + w r` and its value `g v`.

    The source averages the tensors of several cores, each with its own g. All cores act on the
    same q, k and v, and T is linear in g, so that one tensor with the mean of the g is the same.

    The authors' code computes a mask but never applies it, and knows no position of the query.
    Here the mask is applied, and with it a query's position decides what it sees.

    >>> attention = MultilinearAttention(channels=8, rank=4, cores=2, length=5)
    >>> x = torch.randn(3, 5, 8)
    >>> attention(x).shape
    torch.Size([3, 5, 8])
    >>> bool(torch.allclose(attention(x)[:, :2], attention(x[:, :2]), atol=1e-6))  # no future
    True

    Args:
        channels: C, of input and output.
        rank: R, size of q, k and v.
        cores: number of cores, each a vector g of R weights that starts uniform in (0, 1).
        length: N, the longest input. W is (N, N, C); the paper's is its transpose, (C, N^2).
        leak_future: leave T unmasked, as the authors' code does: each token then sees all later
            ones, so that this is no language model.
    """

    sinusoids: Tensor

    def __init__(
        self, channels: int, rank: int, cores: int, length: int, leak_future: bool = False
    ):
        super().__init__()
        self.channels, self.rank, self.length = channels, rank, length
        self.leak_future = leak_future
        self.projection = nn.Linear(channels, 3 * rank, bias=False)
        self.position = nn.Linear(channels, rank, bias=False)
        self.key_bias = nn.Parameter(torch.zeros(rank))
        self.position_bias = nn.Parameter(torch.zeros(rank))
        self.cores = nn.Parameter(torch.rand(cores, rank))
        self.weight = nn.Parameter(torch.empty(length, length, channels))
        nn.init.uniform_(self.weight, -1 / length, 1 / length)  # as a linear layer of N^2 inputs
        self.register_buffer("sinusoids", sinusoids(length, channels), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Uses the contraction that is smaller for this length: (B, T, C) -> (B, T, C).

        Raises:
            ValueError: T > N.
        """
        if self.leak_future or x.size(1) ** 2 <= TENSOR_LIMIT * self.rank * self.channels:
            return self.with_tensor(x)
        return self.without_tensor(x)[0]

    def with_tensor(self, x: Tensor) -> Tensor:
        """Makes T: O(B T^3 (R + C)) time, O(B T^3) memory. (B, T, C) -> (B, T, C)."""
        query, keys, offsets, values = self._factors(x)
        length = x.size(1)
        rows = length if self.leak_future else math.ceil(length / BLOCKS)
        past = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
        outputs = []
        for begin in range(0, length, rows):
            end = min(begin + rows, length)
            # (B, i, 1, R), (B, 1, j, R) -> (B, i, j, R)
            pairs = query[:, begin:end, None] * keys[:, None, :end] + offsets[:, None, :end]
            # (B, i x j, R), (B, R, k) -> (B, i, j, k)
            tensor = pairs.flatten(1, 2) @ values[:, :end].transpose(1, 2)
            tensor = tensor.view(len(x), end - begin, end, end)
            if not self.leak_future:
                seen = past[begin:end, :end]
                tensor.masked_fill_(~(seen[:, :, None] & seen[:, None, :]), 0)
            outputs.append(tensor.flatten(2) @ self.weight[:end, :end].flatten(0, 1))
        return torch.cat(outputs, 1)

    def without_tensor(
        self, x: Tensor, state: dict[str, Tensor] | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Sums over pairs as they come: O(B T^2 R C) time, O(B T R C) memory.

        o_i = sum_h q_ih M_i[h] + b_i, where M_i (R, C) and b_i (C) are running sums over pairs:
        token n adds the pairs (n, k <= n) and (j < n, n). So x may also be the continuation of
        a text that is known by its state alone, down to a single token.

        Args:
            x: (B, T, C), the new tokens.
            state: that of the tokens before, or None at the start of a text.

        Returns:
            (B, T, C), and the state after the last token: `keys`, `offsets` and `values`
            (B, t, R) of all t tokens so far, `memory` M (B, R, C), `base` b (B, C).

        Raises:
            ValueError: t > N, or the module leaks the future, which is not there yet.
        """
        if self.leak_future:
            raise ValueError("what leaks future tokens cannot go on token by token")
        begin = state["keys"].size(1) if state else 0
        query, *new = self._factors(x, begin)
        every = (
            [torch.cat([state[name], part], 1) for name, part in zip(FACTORS, new, strict=True)]
            if state
            else new
        )
        (new_keys, new_offsets, new_values), (keys, offsets, values) = new, every
        end = begin + x.size(1)

        past = self.weight.new_ones(x.size(1), end)
        first = self.weight[begin:end, :end] * past.tril(begin)[..., None]  # (n, k <= n, C)
        second = self.weight[:end, begin:end].transpose(0, 1)
        second = second * past.tril(begin - 1)[..., None]  # (n, j < n, C)
        by_key, by_value = _spread(values, first), _spread(keys, second)  # (n, B, R, C)

        def by_token(factor: Tensor) -> Tensor:  # (B, n, R) -> (n, B, 1, R)
            return factor.transpose(0, 1)[:, :, None]

        memory = by_token(new_keys).mT * by_key + by_token(new_values).mT * by_value
        base = (by_token(new_offsets) @ by_key)[:, :, 0]  # (n, B, C)
        base = base + (new_values @ offsets.mT).transpose(0, 1) @ second
        # Running sums of half precision would lose the late tokens.
        full = torch.promote_types(x.dtype, torch.float32)
        memory, base = memory.cumsum(0, dtype=full), base.cumsum(0, dtype=full)
        if state:
            memory, base = memory + state["memory"], base + state["base"]
        output = (by_token(query).to(full) @ memory)[:, :, 0] + base
        state = dict(zip(FACTORS, every, strict=True), memory=memory[-1], base=base[-1])
        return output.transpose(0, 1).to(x.dtype), state

    def _factors(self, x: Tensor, begin: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Query, key, offset and value of the tokens from place `begin` on, each (B, T, R)."""
        end = begin + x.size(1)
        if end > self.length:
            raise ValueError(f"{end} tokens, but W was made for at most {self.length}")
        query, key, value = self.projection(x).chunk(3, -1)
        position = self.position(self.sinusoids[begin:end])
        offset = self.key_bias * key + self.position_bias * position
        return query, key + position, offset, self.cores.mean(0) * value


def _spread(factor: Tensor, weight: Tensor) -> Tensor:
    """sum_t factor[b,t,h] weight[n,t,c]: (B, T, R), (n, T, C) -> (n, B, R, C)."""
    rows = factor.mT.flatten(0, 1).expand(len(weight), -1, -1)  # (n, B x R, T)
    return (rows @ weight).unflatten(1, (len(factor), -1))


def sinusoids(length: int, channels: int) -> Tensor:
    """Sines, then cosines, of the places 0 to N - 1 as in Transformer-XL: (N, C).

    >>> sinusoids(length=2, channels=4)
    tensor([[0.0000, 0.0000, 1.0000, 1.0000],
            [0.8415, 0.0100, 0.5403, 0.9999]])
    """
    frequencies = 10000 ** (-torch.arange(0, channels, 2) / channels)
    angles = torch.arange(length)[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], -1)[:, :channels]
