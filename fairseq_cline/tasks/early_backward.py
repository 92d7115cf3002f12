"""A training step in which the criterion runs backward passes of its own."""

import functools

from torch import Tensor


class EarlyBackward:
    """Mixin; a subclass names it before the fairseq task that it extends.

    A criterion whose attribute `early_backward` is true is called with `backward`, a function of a
    loss that adds to the gradients of the weights. The loss that the criterion returns is what is
    left to do; the trainer runs its backward pass as always.
    """

    def train_step(
        self, sample, model, criterion, optimizer, update_num, ignore_grad=False
    ) -> tuple:
        """fairseq's own."""
        if getattr(criterion, "early_backward", False):

            def backward(loss: Tensor) -> None:
                optimizer.backward(loss * 0 if ignore_grad else loss)

            criterion = functools.partial(criterion, backward=backward)
        return super().train_step(sample, model, criterion, optimizer, update_num, ignore_grad)
