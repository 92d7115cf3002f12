"""A model whose embeddings and last states can be seen, and shifted, in one forward pass.

Letters: B sentences, T tokens, C channels, K perturbed tokens.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

from data_prep.errors import InputError
from fairseq_cline.perturb import recorded_embeddings, shifted_embeddings

# rows (K,), columns (K,) and steps (K, C) of a perturbation
Shift = tuple[Tensor, Tensor, Tensor]


class ObservedModel:
    """Stands for a model in a criterion, which calls it once.

    After the call:
        output: what the model returned.
        embeddings: side -> (B, T, C), where a gradient can be taken (without `shifts`).
        states: side -> (B, T, C), what leaves the encoder, or enters the decoder's output layer
            (right before the soft-max).

    Args:
        model: any fairseq model, wrapped for distributed training or not.
        sides: "encoder", "decoder" or both.
        shifts: side -> what to add to its embeddings.
    """

    def __init__(self, model: Any, sides: list[str], shifts: dict[str, Shift] | None = None):
        self.model, self.sides, self.shifts = model, sides, shifts
        self.output: Any = None
        self.embeddings: dict[str, Tensor] = {}
        self.states: dict[str, Tensor] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def __call__(self, **net_input: Any) -> Any:
        if "encoder" in self.sides:
            _check_padding(self.model.encoder, net_input["src_tokens"])
        recorded = {}
        with contextlib.ExitStack() as stack:
            for side in self.sides:
                layer, call = _embedding_layer(self.model, side)
                if self.shifts is None:
                    recorded[side] = stack.enter_context(recorded_embeddings(layer)), call
                else:
                    stack.enter_context(shifted_embeddings(layer, call, *self.shifts[side]))
                stack.enter_context(_RECORD_STATES[side](self.model, self.states))
            self.output = self.model(**net_input)
        self.embeddings = {side: outputs[call] for side, (outputs, call) in recorded.items()}
        for side in self.sides:
            if side not in self.states:
                raise InputError(
                    f"the states of this model's {side} cannot be seen, as those of a Transformer "
                    "or an LSTM; use another --arch, for example transformer or transformer_lm"
                )
        return self.output


class ReplayedModel:
    """Stands for an observed model, without running it again: another loss of the same output."""

    def __init__(self, observed: ObservedModel):
        self.observed = observed

    def __getattr__(self, name: str) -> Any:
        return getattr(self.observed, name)

    def __call__(self, **net_input: Any) -> Any:
        return self.observed.output


def _embedding_layer(model: Any, side: str) -> tuple[nn.Module, int]:
    """The layer and which of its calls is this side's: both sides may share one layer."""
    layer = getattr(getattr(model, side, None), "embed_tokens", None)
    if not isinstance(layer, nn.Module):
        raise InputError(
            f"this model has no {side}.embed_tokens, whose output ATCL perturbs; use another --arch"
        )
    encoder = getattr(model, "encoder", None)
    shared = side == "decoder" and getattr(encoder, "embed_tokens", None) is layer
    return layer, int(shared)


def _check_padding(encoder: nn.Module, tokens: Tensor) -> None:
    """fairseq's LSTM moves padding (B, T) to the right: other words would be perturbed."""
    if getattr(encoder, "left_pad", False) and tokens[:, 0].eq(encoder.padding_idx).any():
        raise InputError(
            "this encoder moves the padding of the source, which is on the left; add "
            "--left-pad-source (that flag of fairseq turns it off), or use another --arch"
        )


@contextlib.contextmanager
def _decoder_states(model: Any, states: dict[str, Tensor]) -> Iterator[None]:
    decoder = model.decoder
    output_layer = decoder.output_layer

    def record(features: Tensor, *args: Any, **kwargs: Any) -> Any:
        states["decoder"] = features
        return output_layer(features, *args, **kwargs)

    decoder.output_layer = record  # a method: no hook can see its input
    try:
        yield
    finally:
        del decoder.output_layer


@contextlib.contextmanager
def _encoder_states(model: Any, states: dict[str, Tensor]) -> Iterator[None]:
    def record(_module: nn.Module, _inputs: tuple, output: Any) -> None:
        # Transformers return a dictionary, recurrent networks a tuple; both (T, B, C).
        features = output["encoder_out"] if isinstance(output, dict) else output
        if not (isinstance(output, dict) and isinstance(features, tuple)):  # fconv: (B, T, C)
            states["encoder"] = features[0].transpose(0, 1)

    handle = model.encoder.register_forward_hook(record)
    try:
        yield
    finally:
        handle.remove()


_RECORD_STATES = {"decoder": _decoder_states, "encoder": _encoder_states}
