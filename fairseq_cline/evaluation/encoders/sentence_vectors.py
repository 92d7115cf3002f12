"""Sentences as vectors, in the ways in which the encoders here are read.

Letters: N sentences, B sentences of a batch, T tokens, C channels, D channels of a projection.
"""

import numpy as np
import torch
from fairseq.data import data_utils
from fairseq.models import BaseFairseqModel
from torch import Tensor
from tqdm import tqdm

from fairseq_cline.evaluation.encoders.batches import batches_by_length
from fairseq_cline.evaluation.encoders.similarities import mean_of_tokens

PROJECTION, CLS, MEAN = "projection", "[CLS]", "mean of tokens"
MEANING = {
    PROJECTION: "g of DCL's online network, what its predictor reads; of no other checkpoint",
    CLS: "features of <s> from the last layer",
    MEAN: "mean of all features of the last layer, <s> and </s> included",
}


def sentence_vectors(
    model: BaseFairseqModel, sentences: list[Tensor], pad: int, device: torch.device
) -> dict[str, Tensor | None]:
    """The vectors of each kind of `MEANING`, in fp32 and without dropout.

    A sentence that is longer than the model reads loses tokens before its </s>.

    Args:
        model: has `encoder.extract_features(tokens)`; its `alignment`, if any, a `projection`.
        sentences: N of (T,) token indices.
        pad: index of padding.

    Returns:
        (N, C) on the CPU, of the projection (N, D); None where the model has none.
    """
    model = model.to(device).float().eval()
    limit = model.max_positions()
    cut = [torch.cat([tokens[:-1][: limit - 1], tokens[-1:]]) for tokens in sentences]
    parts, order = [], []
    with torch.inference_mode(), tqdm(total=len(cut), unit=" sentences") as progress:
        for batch in batches_by_length(cut):
            tokens = data_utils.collate_tokens([cut[index] for index in batch], pad)  # (B, T)
            parts.append(_vectors(model, tokens.to(device), pad))
            order.append(batch)
            progress.update(len(batch))
    places = torch.from_numpy(np.argsort(np.concatenate(order)))
    return {
        kind: None if parts[0][kind] is None else torch.cat([part[kind] for part in parts])[places]
        for kind in MEANING
    }


def _vectors(model: BaseFairseqModel, tokens: Tensor, pad: int) -> dict[str, Tensor | None]:
    features, _ = model.encoder.extract_features(tokens)  # (B, T, C)
    first = features[:, 0]
    alignment = getattr(model, "alignment", None)
    return {
        PROJECTION: None if alignment is None else alignment.projection(first).cpu(),
        CLS: first.cpu(),
        MEAN: mean_of_tokens(features.transpose(0, 1), tokens.ne(pad)).cpu(),
    }
