"""The adaptive soft-max of fairseq: cut-offs that fit, and models that have it by the criterion's name.

`lstm_lm`, `fconv_lm` and `lstm` have it with `adaptive_loss`, and ignore the option with any other
criterion. `atcl_cross_entropy` serves both kinds of soft-max: with it, a model has the adaptive one
if `--adaptive-softmax-cutoff` is given.
"""

import functools
import inspect
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from fairseq.models import ARCH_CONFIG_REGISTRY, ARCH_MODEL_REGISTRY
from fairseq.models.fconv_lm import FConvLanguageModel
from fairseq.models.lstm import LSTMModel
from fairseq.models.lstm_lm import LSTMLanguageModel
from fairseq.modules import AdaptiveInput, AdaptiveSoftmax

from data_prep.errors import InputError
from fairseq_cline.compat.patching import Wrapper, patch

MODELS = (FConvLanguageModel, LSTMLanguageModel, LSTMModel)
SERVES_BOTH = "atcl_cross_entropy"
# Layer -> the option that its cut-offs come from.
LAYERS = {AdaptiveInput: "--adaptive-input-cutoff", AdaptiveSoftmax: "--adaptive-softmax-cutoff"}


def configure(stock: Callable[[Namespace], None], args: Namespace) -> None:
    """Fills in an architecture, whose own cut-offs are for `adaptive_loss`.

    Raises:
        InputError: cut-offs were given with a criterion of ATCL that has no use for them.
    """
    criterion = getattr(args, "criterion", None) or ""
    if criterion.startswith("atcl_"):
        args.adaptive_softmax_cutoff = getattr(args, "adaptive_softmax_cutoff", None)
        if args.adaptive_softmax_cutoff is not None and criterion != SERVES_BOTH:
            raise InputError(
                f"--adaptive-softmax-cutoff does nothing to this --arch with --criterion {criterion}"
                "; leave it out"
            )
    stock(args)


def build(stock: Wrapper, args: Namespace, task: Any) -> Any:
    """Builds a model; its builder sees the name of the criterion that it asks for."""
    cut_offs = getattr(args, "adaptive_softmax_cutoff", None)
    if getattr(args, "criterion", None) != SERVES_BOTH or cut_offs is None:
        return stock(args, task)
    args.criterion = "adaptive_loss"
    try:
        return stock(args, task)
    finally:
        args.criterion = SERVES_BOTH


def in_one_line(stock: Wrapper, layer: Any, *args: Any, **kwargs: Any) -> None:
    """Makes the layer.

    Raises:
        InputError: the cut-offs are greater than the dictionary.
    """
    try:
        stock(layer, *args, **kwargs)
    except AssertionError as error:
        if "larger than vocab size" not in str(error):
            raise
        given = inspect.signature(stock).bind(layer, *args, **kwargs).arguments
        option = next(option for kind, option in LAYERS.items() if isinstance(layer, kind))
        raise InputError(
            f"{option} is {','.join(map(str, given['cutoff']))}, but the dictionary has "
            f"{given['vocab_size']} symbols; give smaller numbers"
        ) from error


def prepare() -> None:
    """Makes fairseq build these layers and models so."""
    for layer in LAYERS:
        patch(layer, "__init__", in_one_line)
    for model in MODELS:
        patch(model, "build_model", build)
    for name, stock in ARCH_CONFIG_REGISTRY.items():
        if ARCH_MODEL_REGISTRY[name] in MODELS and not isinstance(stock, functools.partial):
            ARCH_CONFIG_REGISTRY[name] = functools.partial(configure, stock)
