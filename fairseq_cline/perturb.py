"""Perturbations of word embeddings: gradient steps, and the hooks that record and apply them.

Letters: B sentences, T tokens, C channels, K perturbed tokens (or sentences, of T x C channels).

The hooks sit on the embedding layer itself. A perturbed embedding handed to a model as a keyword
may be swallowed silently; here a layer that was not called is an error.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

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


def sign_gradient(gradient: Tensor, epsilon: float) -> Tensor:
    """`fast_gradient` for the l-inf norm: every channel moves by epsilon, unless its gradient is 0.

    Returns:
        (K, C) steps, detached; 0 where a gradient is not finite.
    """
    gradient = gradient.detach()
    usable = gradient.isfinite().all(dim=-1, keepdim=True)
    return epsilon * torch.where(usable, gradient.sign(), 0.0)


def within_ball(perturbation: Tensor, radius: float, norm: str) -> Tensor:
    """The nearest perturbations (K, C) whose norm, "l2" or "linf", is at most the radius (> 0)."""
    if norm == "linf":
        return perturbation.clamp(-radius, radius)
    length = perturbation.norm(dim=-1, keepdim=True)
    return perturbation * (radius / length.clamp(min=radius))


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


def shifted_embeddings(
    layer: nn.Module, call: int, rows: Tensor, columns: Tensor, steps: Tensor
) -> AbstractContextManager[None]:
    """Adds steps (K, C) to what the layer returns at the places (rows (K,), columns (K,)).

    See `changed_embeddings` for the other arguments.
    """

    def shift(output: Tensor) -> Tensor:
        return output.index_put((rows, columns), steps.to(output), accumulate=True)

    return changed_embeddings(layer, call, shift)


@contextmanager
def changed_embeddings(
    layer: nn.Module, call: int, change: Callable[[Tensor], Tensor]
) -> Iterator[None]:
    """Puts `change` of what the layer returns, (B, T, C), in its place.

    Args:
        layer: the embedding layer.
        call: which of its calls to change, from 0 (an encoder and a decoder may share a layer).

    Raises:
        RuntimeError: on leaving, when the layer was not called that often.
    """
    calls = 0

    def hook(_module: nn.Module, _inputs: tuple, output: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return change(output) if calls == call + 1 else output

    handle = layer.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()
    if calls <= call:
        raise RuntimeError(
            f"the embedding layer was called {calls} times in the forward pass, not {call + 1}: "
            "the perturbation has not reached the model"
        )
