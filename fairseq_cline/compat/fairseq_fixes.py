"""Mends of fairseq that change numbers, for every model and task in the process.

The log names them in one line. ``FAIRSEQ_CLINE_NO_MENDS=1`` leaves fairseq as it is, which shows
what a mend changes.
"""

import logging
import os
from typing import Any

import numpy as np
import torch.nn.functional as F
from fairseq.criterions.adaptive_loss import AdaptiveLoss
from fairseq.data import Dictionary, LMContextWindowDataset, data_utils
from fairseq.data.iterators import EpochBatchIterator
from fairseq.trainer import Trainer
from torch import Tensor

from fairseq_cline.compat import pair_lengths, resumed_batches, single_precision
from fairseq_cline.compat.literal_pads import encode_line, load_text
from fairseq_cline.compat.loader_processes import begin_epoch, join_context
from fairseq_cline.compat.patching import Wrapper, patch
from fairseq_cline.compat.quantization_noise import keep_weights

logger = logging.getLogger(__name__)

SWITCH = "FAIRSEQ_CLINE_NO_MENDS"


def keep_last_batch(stock: Wrapper, indices: Any, *args: Any, **kwargs: Any) -> list[np.ndarray]:
    """Keeps the last batch when its size is no multiple of --required-batch-size-multiple.

    fairseq 0.12 (its issue 5036) leaves that batch out in training, validation and generation.
    With the default multiple of 8 that is up to 7 examples, often the longest ones; and all of
    them if there are fewer than 8.
    """
    if not isinstance(indices, np.ndarray):
        indices = np.fromiter(indices, dtype=np.int64)
    if len(indices) == 0:
        return []
    batches = stock(indices, *args, **kwargs)
    left_out = len(indices) - sum(map(len, batches))
    return [*batches, indices[-left_out:]] if left_out else batches


def count_every_word(
    stock: Wrapper, criterion: AdaptiveLoss, model: Any, sample: dict, reduce: bool = True
) -> tuple[Tensor, int, dict]:
    """The adaptive loss of every word; fairseq's leaves out one word of each band of rare ones.

    It takes symbol 1 of every band for padding, as in the head. So two words of a dictionary with
    three bands are never trained, and validation leaves them out. (``stock`` is not called.)
    """
    output = model(**sample["net_input"])
    target = model.get_targets(sample, output).flatten()
    padding = criterion.padding_idx
    scores, targets = model.decoder.adaptive_softmax(output[0], target)
    loss = scores[0].new_zeros(1)
    for band, (band_scores, band_target) in enumerate(zip(scores, targets, strict=True)):
        if band_target is not None:
            ignored = padding if band == 0 else -100
            loss += F.cross_entropy(band_scores, band_target, ignore_index=ignored, reduction="sum")
    tokens = int(target.ne(padding).sum())
    sentences = sample["target"].size(0)
    sample_size = sentences if criterion.sentence_avg else tokens
    log = {
        "loss": loss.data,
        "ntokens": tokens,
        "nsentences": sentences,
        "sample_size": sample_size,
    }
    return loss, sample_size, log


# Effect of a mend, for the log -> owner, name and wrapper of the function that it patches.
MENDS = {
    "the last batch is kept": (data_utils, "batch_by_size", keep_last_batch),
    "the adaptive loss counts every word": (AdaptiveLoss, "forward", count_every_word),
    "a <pad> in a text is <unk>": (data_utils, "load_indexed_dataset", load_text),
    "so is one in a line": (Dictionary, "encode_line", encode_line),
    "loader processes know the epoch": (EpochBatchIterator, "next_epoch_itr", begin_epoch),
    "the context is the text before a row": (LMContextWindowDataset, "collater", join_context),
    "the noise of --quant-noise-pq lasts for one pass": (Trainer, "__init__", keep_weights),
    **pair_lengths.MENDS,
    **resumed_batches.MENDS,
    **single_precision.MENDS,
}


def prepare() -> None:
    """Applies the mends and logs which, unless the environment switches them off."""
    names = "; ".join(MENDS)
    if os.environ.get(SWITCH, "0") not in ("", "0"):
        logger.warning(f"fairseq_cline mends are switched off by {SWITCH}: {names}")
        return
    for place in MENDS.values():
        patch(*place)
    logger.info(f"fairseq_cline mends: {names} ({SWITCH}=1 switches them off)")
