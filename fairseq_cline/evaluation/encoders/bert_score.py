"""BERTScore: each token of one text is matched with the most similar token of another.

Zhang et al. (2020), section 3, without idf weights and without rescaling: what CLINE compares
sentences by in Table 7, beside [CLS] and the mean. The published package gives special tokens no
weight, yet lets other tokens match them; here the caller's masks leave them out altogether.

Shapes: B pairs of texts, T and S tokens, C channels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def bert_score(
    candidate: Tensor, reference: Tensor, candidate_mask: Tensor, reference_mask: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Precision, recall and F1 of each pair by greedy cosine matching, in float64.

    Precision is the mean over the candidate's tokens of their highest cosine with a token of the
    reference, recall the same the other way round. F1, their harmonic mean, is symmetric. All are
    at most 1, which equal texts have.

    Args:
        candidate, reference: (B, T, C) and (B, S, C) token states.
        candidate_mask, reference_mask: (B, T) and (B, S) bool, True at tokens that count, one at
            least in each row: no padding, and no <s> and </s>.

    Returns:
        Three of (B,).
    """
    candidate = F.normalize(candidate.double(), dim=-1)
    reference = F.normalize(reference.double(), dim=-1)
    both = candidate_mask.unsqueeze(2) & reference_mask.unsqueeze(1)
    cosines = (candidate @ reference.transpose(1, 2)).masked_fill(~both, -torch.inf)  # (B, T, S)
    precision = _mean(cosines.amax(2), candidate_mask)
    recall = _mean(cosines.amax(1), reference_mask)
    total = precision + recall
    f1 = torch.where(total == 0, 0.0, 2 * precision * recall / total)
    return precision, recall, f1


def bert_score_hits(
    original: Tensor,
    synonym: Tensor,
    antonym: Tensor,
    original_mask: Tensor,
    synonym_mask: Tensor,
    antonym_mask: Tensor,
) -> Tensor:
    """Hits of CLINE (section 4.6): F1(original, synonym) > F1(original, antonym); a tie is a miss.

    Args:
        original, synonym, antonym: (B, T, C) token states.
        original_mask, synonym_mask, antonym_mask: (B, T) bool, as for `bert_score`.

    Returns:
        (B,) bool
    """
    *_, to_synonym = bert_score(synonym, original, synonym_mask, original_mask)
    *_, to_antonym = bert_score(antonym, original, antonym_mask, original_mask)
    return to_synonym > to_antonym


def _mean(best: Tensor, mask: Tensor) -> Tensor:
    """Mean of (B, T) where the mask is True: (B,)."""
    return best.where(mask, 0.0).sum(1) / mask.sum(1)
