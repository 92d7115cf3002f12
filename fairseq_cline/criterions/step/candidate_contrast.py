"""The contrast at the candidates of a batch (ATCL, Eq. 6), and the states that it needs.

Letters: B sentences, K of them with a candidate, T tokens, C channels, n negatives.
"""

from typing import Any

import torch
from torch import Tensor

from fairseq_cline.criterions.step.observed_model import ObservedModel
from fairseq_cline.losses.alignment import positive_cosine
from fairseq_cline.losses.contrastive import contrastive_loss


def contrast_at_candidates(
    candidates: dict[str, dict],
    clean: dict[str, Tensor],
    perturbed: dict[str, Tensor],
    replaced: dict[str, Tensor] | None,
    temperature: float,
    positive_in_denominator: bool,
) -> tuple[Tensor, dict]:
    """Sum of Eq. 6 over the candidates of all sides that have a negative, and what is logged of it.

    Args:
        candidates: side -> `rows`, `columns` (K,) of the candidates and `negatives` (K, n), places
            in the flattened batch or -1; with `replaced` also `antonyms` (K,), or -1.
        clean: side -> (B, T, C), states that give the anchors and the negatives.
        perturbed: side -> (B, T, C), states that give the positives.
        replaced: side -> (B, T, C), states with antonyms in the candidates' places: one negative
            more. None: there are none.
        temperature: see `contrastive_loss`, as for `positive_in_denominator`.
    """
    first = next(iter(clean.values()))
    total = cosine = first.new_zeros((), dtype=torch.float)
    anchors = first.new_zeros((), dtype=torch.long)
    for side, places in candidates.items():
        at = places["rows"], places["columns"]
        anchor, positive = clean[side][at], perturbed[side][at]  # (K, C)
        negatives = clean[side].flatten(0, 1)[places["negatives"]]  # (K, n, C)
        valid = places["negatives"] >= 0  # (K, n)
        if replaced is not None:
            negatives = torch.cat([negatives, replaced[side][at].unsqueeze(1)], dim=1)
            valid = torch.cat([valid, places["antonyms"].unsqueeze(1) >= 0], dim=1)
        losses = contrastive_loss(
            anchor, positive, negatives, temperature, valid, positive_in_denominator
        )
        total = total + losses.sum()
        anchors = anchors + valid.any(dim=1).sum()
        cosine = cosine + positive_cosine(anchor.detach(), positive.detach()).sum()
    return total, {
        "contrastive_loss": total.data,
        "contrastive_anchors": anchors,
        "positive_cosine": cosine,
    }


def states_with_antonyms(
    model: Any, net_input: dict[str, Tensor], candidates: dict[str, dict]
) -> dict[str, Tensor]:
    """States (B, T, C) by side of the sentences with antonyms in the candidates' places."""
    net_input = dict(net_input)
    for side, places in candidates.items():
        key = _input_key(net_input, side)
        at = places["rows"], places["columns"]
        tokens = net_input[key]
        antonyms = places["antonyms"]
        net_input[key] = tokens.index_put(at, torch.where(antonyms < 0, tokens[at], antonyms))
    replaced = ObservedModel(model, list(candidates))
    replaced(**net_input)
    return replaced.states


def _input_key(net_input: dict[str, Tensor], side: str) -> str:
    """The decoder of a translation model reads the target, that of a language model the source."""
    is_target = side == "decoder" and "prev_output_tokens" in net_input
    return "prev_output_tokens" if is_target else "src_tokens"
