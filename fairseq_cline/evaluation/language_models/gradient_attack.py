"""The gradient attack of ATCL on a model that is compared, and the loss that it climbs.

Letters: B rows, T tokens, C channels, V vocabulary, K perturbed words.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from fairseq.models import BaseFairseqModel
from torch import Tensor, nn

from fairseq_cline.perturb import fast_gradient, recorded_embeddings, shifted_embeddings


def token_losses(
    model: BaseFairseqModel, net_input: dict[str, Tensor], target: Tensor, pad: int
) -> Tensor:
    """Nats of each target: (B, T) -> (B, T), 0 where the target is padding."""
    output, _ = model(**net_input)
    adaptive = model.decoder.adaptive_softmax
    flat = target.flatten()  # (B, T) -> (B * T)
    if adaptive is None:
        output = output.flatten(0, 1).float()  # (B, T, V) -> (B * T, V)
        losses = F.cross_entropy(output, flat, ignore_index=pad, reduction="none")
        return losses.view_as(target)
    # The head scores every token, a band of rare words the tokens in it. No (B * T, V) table.
    (head, *bands), (head_target, *band_targets) = adaptive(output, flat)
    losses = F.cross_entropy(head.float(), head_target, reduction="none")
    _, places = adaptive.adapt_target(flat)
    for scores, band_target, place in zip(bands, band_targets, places, strict=True):
        if place is not None:
            band = F.cross_entropy(scores.float(), band_target, reduction="none")
            losses = losses.index_add(0, place, band)
    return losses.masked_fill(flat == pad, 0.0).view_as(target)


class AttackedModel(Protocol):
    """A model that can be attacked: without dropout, the weights without gradients.

    Attributes:
        embedding_layer: its first call in a pass embeds the perturbed words.
    """

    @property
    def embedding_layer(self) -> nn.Module: ...

    def losses(self, net_input: dict[str, Tensor], target: Tensor) -> Tensor:
        """Nats of each target: (B, T) -> (B, T)."""


@dataclass(frozen=True)
class Attack:
    """The gradient attack of ATCL (Eq. 1, plus sign) on K words of a batch.

    Attributes:
        gradient: (K, C) of the summed loss at the embeddings of the words.
        embedding: (K, C) these embeddings.
        clean: (B, T) losses before the attack, in nats.
    """

    attacked: AttackedModel
    rows: Tensor
    columns: Tensor
    gradient: Tensor
    embedding: Tensor
    clean: Tensor

    @classmethod
    def on(
        cls,
        attacked: AttackedModel,
        net_input: dict[str, Tensor],
        target: Tensor,
        rows: Tensor,
        columns: Tensor,
    ) -> "Attack":
        """Finds the gradient at the places (rows (K,), columns (K,)): two passes."""
        with (
            torch.enable_grad(),
            # cuDNN has no gradient of a recurrent network outside of training.
            torch.backends.cudnn.flags(enabled=False),
            recorded_embeddings(attacked.embedding_layer) as embeddings,
        ):
            losses = attacked.losses(net_input, target)
            # Only of the first call: a decoder may use the encoder's layer after it.
            (gradient,) = torch.autograd.grad(losses.sum(), embeddings[0])
        at = rows, columns
        return cls(attacked, *at, gradient[at], embeddings[0].detach()[at], losses.detach())

    def step(self, epsilon: float, relative: bool) -> Tensor:
        """(K, C): what is added to the embeddings."""
        return fast_gradient(self.gradient, epsilon, self.embedding if relative else None)

    def applied(self, step: Tensor) -> AbstractContextManager[None]:
        """A context for one forward pass, or one beam search, which is perturbed."""
        layer = self.attacked.embedding_layer
        return shifted_embeddings(layer, 0, self.rows, self.columns, step)
