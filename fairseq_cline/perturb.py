"""Perturbations of word embeddings: the gradient step, and the hooks that record and apply it.

Letters: B sentences, T tokens, C channels, K perturbed tokens.

The hooks sit on the embedding layer itself. A perturbed embedding handed to a model as a keyword
may be swallowed silently; here a layer that was not called is an error.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def fast_gradient(gradient: Tensor, epsilon: float, embedding: Tensor | None = None) -> Tensor:
    """The step of length epsilon that raises the loss most: Eq. 1 of ATCL (Rim et al., 2021).

    The paper prints a minus before the step. An adversary raises the loss, so the sign is plus.

    Args:
        gradient: (K, C) gradient of the loss at the embeddings; its scale does not matter.
        epsilon: length of the step, in units of the embedding space; with `embedding`, as a
            share of the length of each embedding.
        embedding: (K, C) embeddings, for a relative epsilon.

    Returns:
        (K, C) steps, detached; 0 where a gradient is 0 or not finite.
    """
    gradient = gradient.detach().to(torch.promote_types(gradient.dtype, torch.float32))
    # Divided by the largest entry first: the square of a tiny or huge gradient is 0 or infinite.
    largest = gradient.abs().amax(dim=-1, keepdim=True)
    usable = largest.isfinite() & (largest > 0)
    scaled = torch.where(usable, gradient / largest, 0.0)
    length = epsilon
    if embedding is not None:
        length = epsilon * embedding.detach().to(gradient).norm(dim=-1, keepdim=True)
    return length * scaled / scaled.norm(dim=-1, keepdim=True).clamp(min=1.0)


@contextmanager
def recorded_embeddings(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Collects what the layer returns, (B, T, C) a call, as nodes of the graph.

    A frozen layer is no obstacle: its output becomes the point where the gradient is taken.
    """
    outputs: list[Tensor] = []

    def record(_module: nn.Module, _inputs: tuple, output: Tensor) -> Tensor:
        if not output.requires_grad:
            output = output.detach().requires_grad_()
        outputs.append(output)
        return output

    handle = layer.register_forward_hook(record)
    try:
        yield outputs
    finally:
        handle.remove()


@contextmanager
def shifted_embeddings(
    layer: nn.Module, call: int, rows: Tensor, columns: Tensor, steps: Tensor
) -> Iterator[None]:
    """Adds steps (K, C) to what the layer returns at the places (rows (K,), columns (K,)).

    Args:
        layer: the embedding layer.
        call: which of its calls to change, from 0 (an encoder and a decoder may share a layer).

    Raises:
        RuntimeError: on leaving, when the layer was not called that often.
    """
    calls = 0

    def shift(_module: nn.Module, _inputs: tuple, output: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        if calls != call + 1:
            return output
        return output.index_put((rows, columns), steps.to(output), accumulate=True)

    handle = layer.register_forward_hook(shift)
    try:
        yield
    finally:
        handle.remove()
    if calls <= call:
        raise RuntimeError(
            f"the embedding layer was called {calls} times in the forward pass, not {call + 1}: "
            "the perturbation has not reached the model"
        )
