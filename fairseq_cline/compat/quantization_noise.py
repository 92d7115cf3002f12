"""Noise of --quant-noise-pq that lasts for one forward pass, as in its paper (Fan et al., 2021)."""

from typing import Any

from fairseq.trainer import Trainer
from torch import nn

from fairseq_cline.compat.patching import Wrapper

_NOISE = "quant_noise.<locals>._forward_pre_hook"  # fairseq's, which overwrites the weights
_KEPT = "weight_without_noise"


def keep_weights(
    stock: Wrapper,
    trainer: Trainer,
    cfg: Any,
    task: Any,
    model: nn.Module,
    *args: Any,
    **kwargs: Any,
) -> None:
    """Makes a trainer whose model keeps its weights.

    fairseq writes the noise into the weights for good, so that most are soon 0 (--fp16 restores
    them after an update). Each pass of a step adds to the noise of the one before it (ATCL, FreeLB),
    and DCL's momentum network is no average any more. The gradients stay those at the weights with
    the noise.
    """
    stock(trainer, cfg, task, model, *args, **kwargs)
    for module in model.modules():
        hooks = [*module._forward_pre_hooks.values()]  # functions, and objects such as WeightNorm
        is_noisy = any(getattr(hook, "__qualname__", None) == _NOISE for hook in hooks)
        if is_noisy and _keep not in hooks:  # another trainer may have had the model
            module.register_forward_pre_hook(_keep, prepend=True)
            module.register_forward_hook(_give_back, always_call=True)


def _keep(module: nn.Module, _inputs: tuple) -> None:
    vars(module)[_KEPT] = module.weight.data


def _give_back(module: nn.Module, _inputs: tuple, _output: Any) -> None:
    # The graph of the pass holds on to the weights with the noise.
    module.weight.data = vars(module).pop(_KEPT)
