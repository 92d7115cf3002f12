"""Sentences as vectors, in the ways in which the encoders here are read.

Letters: N sentences, B sentences of a batch, T tokens, C channels, D channels of a projection.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from fairseq.data import data_utils
from fairseq.models import BaseFairseqModel
from torch import Tensor

from data_prep.files.progress import Bar
from fairseq_cline.evaluation.encoders.batches import MAX_TOKENS, batches_by_length
from fairseq_cline.modules.sentence_feature import sentence_feature

PROJECTION, CLS, MEAN = "projection", "[CLS]", "mean of tokens"
MEANING = {
    PROJECTION: "g of DCL's online network, what its predictor reads; of no other checkpoint",
    CLS: "features of <s> from the last layer",
    MEAN: "mean of all features of the last layer, <s> and </s> included",
}
FEATURES = {"cls": CLS, "mean": MEAN}
"""Names of --sentence-feature -> kind of vectors."""


def sentence_vectors(
    model: BaseFairseqModel, sentences: list[Tensor], pad: int, device: torch.device
) -> dict[str, Tensor | None]:
    """The vectors of each kind of `MEANING`, in fp32 and without dropout.

    Args:
        model, sentences, pad, device: as for `batch_vectors`.

    Returns:
        (N, C) on the CPU, of the projection (N, D); None where the model has none.
    """
    parts, order = [], []
    with Bar(total=len(sentences), desc="encoding", unit=" sentences") as progress:
        for batch, vectors in batch_vectors(model, sentences, pad, device):
            parts.append(vectors)
            order.append(batch)
            progress.update(len(batch))
    places = torch.from_numpy(np.argsort(np.concatenate(order)))
    return {
        kind: None if parts[0][kind] is None else torch.cat([part[kind] for part in parts])[places]
        for kind in MEANING
    }


def batch_vectors(
    model: BaseFairseqModel,
    sentences: Sequence[Tensor],
    pad: int,
    device: torch.device,
    kinds: Iterable[str] = MEANING,
    max_tokens: int = MAX_TOKENS,
) -> Iterator[tuple[np.ndarray, dict[str, Tensor | None]]]:
    """Yields the vectors of sentences of about one length, longest first, in fp32.

    A sentence that is longer than the model reads loses tokens before its </s>.

    Args:
        model: has `encoder.extract_features(tokens)`; its `alignment`, if any, a `projection`.
        sentences: N of (T,) token indices.
        pad: index of padding.
        kinds: of `MEANING`.
        max_tokens: size of a batch, padding included.

    Yields:
        Numbers (B,) of sentences, and kind -> (B, C) on the CPU; None where the model has none.
    """
    model = model.to(device).float().eval()
    limit, kinds = model.max_positions(), [*kinds]
    cut = [
        tokens if len(tokens) <= limit else torch.cat([tokens[: limit - 1], tokens[-1:]])
        for tokens in sentences
    ]
    for batch in batches_by_length(cut, max_tokens):
        tokens = data_utils.collate_tokens([cut[index] for index in batch], pad)  # (B, T)
        yield batch, _vectors(model, tokens.to(device), pad, kinds)


@torch.inference_mode()
def _vectors(
    model: BaseFairseqModel, tokens: Tensor, pad: int, kinds: Iterable[str]
) -> dict[str, Tensor | None]:
    features, _ = model.encoder.extract_features(tokens)  # (B, T, C)
    is_token = tokens.ne(pad)
    found: dict[str, Tensor | None] = {}
    for kind in kinds:
        vectors = sentence_feature(features, is_token, "mean" if kind == MEAN else "cls")
        if kind == PROJECTION:
            alignment = getattr(model, "alignment", None)
            vectors = alignment and alignment.projection(model.sentence(features, tokens))
        found[kind] = None if vectors is None else vectors.cpu()
    return found
