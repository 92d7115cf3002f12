"""The perturbation of the candidates of a batch (ATCL, Eq. 1), and the sentences that it attacks.

Letters: B sentences, K of them with a candidate, T tokens, C channels.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from data_prep.errors import InputError
from fairseq_cline.criterions.step.observed_model import Shift
from fairseq_cline.perturb import fast_gradient


def candidates_of(sample: dict) -> dict[str, dict]:
    """The candidates of a batch: side -> `rows`, `columns` (K,), one a sentence, and more.

    Raises:
        InputError: its task names none.
    """
    if "candidates" not in sample:
        raise InputError(
            "the batches name no candidates to perturb; use --task atcl_lm or --task "
            "atcl_translation with this --criterion, "
            "or set --adversarial-weight 0 --contrastive-weight 0"
        )
    return sample["candidates"]


def perturbation(
    candidates: dict[str, dict],
    embeddings: dict[str, Tensor],
    gradients: Iterable[Tensor],
    epsilon: float,
    is_relative: bool,
) -> dict[str, Shift]:
    """Eq. 1 at the candidates of each side.

    Args:
        candidates: those of `candidates_of`.
        embeddings: side -> (B, T, C).
        gradients: of the loss at them, in the same order.
        epsilon: length of the steps.
        is_relative: whether it is a share of the length of the word's embedding.
    """
    shifts: dict[str, Shift] = {}
    for (side, embedding), gradient in zip(embeddings.items(), gradients, strict=True):
        at = candidates[side]["rows"], candidates[side]["columns"]
        relative_to = embedding[at] if is_relative else None
        shifts[side] = *at, fast_gradient(gradient[at], epsilon, relative_to)
    return shifts


def attacked_sentences(
    sample: dict, candidates: dict[str, dict], padding: int
) -> tuple[dict, bool]:
    """The sample without the targets of sentences that have no candidate on any side.

    Args:
        padding: index that hides a target.

    Returns:
        the sample, and whether it is the whole one.
    """
    target = sample["target"]
    if any(len(places["rows"]) == len(target) for places in candidates.values()):
        return sample, True
    has_candidate = torch.zeros(len(target), dtype=torch.bool, device=target.device)
    for places in candidates.values():
        has_candidate[places["rows"]] = True
    target = target.masked_fill(~has_candidate.unsqueeze(1), padding)
    return {**sample, "target": target}, False


def perturbation_log(shifts: dict[str, Shift], sample: dict) -> dict:
    """Entries for the logging output of a criterion: the steps' length, the candidates' share."""
    steps = [step for _, _, step in shifts.values()]
    count = sum(map(len, steps))
    return {
        "delta_norm": sum(step.norm(dim=-1).sum() for step in steps),
        "candidates": count,
        "candidate_share": count,
        "places": len(shifts) * len(sample["target"]),
    }
