"""CLINE's contrast of a batch of triplets: the loss, and what is logged of it.

Letters: B triplets, C channels.
"""

from torch import Tensor

from fairseq_cline.losses.alignment import positive_cosine
from fairseq_cline.losses.in_batch_contrast import in_batch_contrast
from fairseq_cline.losses.triplet import triplet_loss, triplet_similarities


def triplet_contrast(
    sentence: Tensor, contrast: str, negatives: str, temperature: float
) -> tuple[Tensor, dict]:
    """The loss as a mean over triplets; the share of triplets in the right order.

    Args:
        sentence: (3B, C) vectors of the originals, the synonym and the antonym sentences.
        contrast: "triplet": Eq. 6 on dot products; "infonce": over the batch, on cosines.
        negatives: "hard": the antonym sentence, with infonce beside the others' synonym sentences;
            "random": of other triplets alone.
        temperature: that of infonce.
    """
    original, synonym, antonym = sentence.chunk(3)  # (B, C) each
    is_hard = negatives == "hard"
    if contrast == "infonce":
        losses = in_batch_contrast(original, synonym, antonym if is_hard else None, temperature)
        near, far = positive_cosine(original, synonym), positive_cosine(original, antonym)
    else:
        near, far = triplet_similarities(original, synonym, antonym)
        _, other = triplet_similarities(original, synonym, original.roll(1, dims=0))
        losses = triplet_loss(near, far if is_hard else other)
    triplets = len(original)
    count = triplets * int(is_hard or triplets > 1)  # one triplet has no other
    total = losses.sum() * bool(count)
    log = {
        "contrastive_loss": total.data,
        "contrastive_negatives": count,
        "contrastive_correct": (near > far).sum(),
        "contrastive_triplets": triplets,
    }
    return total / max(count, 1), log
