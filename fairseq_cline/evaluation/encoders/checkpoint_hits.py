"""Hits of a checkpoint: how often a sentence is closer to its synonym than to its antonym version.

CLINE, section 4.6 and Table 7. In a Python session:

    databin = open_databin("data-bin")
    result = checkpoint_hits("checkpoint_best.pt", databin, "test")
    result.best("bert_score")  # {"layer": 9, "hits": 84.1, "standard_error": 0.5}

`open_databin` is in `encoders.pretrained_encoders`.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from data_prep.files.checksums import file_sha256
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.evaluation.encoders import similarities
from fairseq_cline.evaluation.encoders.pretrained_encoders import load_encoder
from fairseq_cline.evaluation.encoders.triplet_counts import count_triplets, unmasked_triplets
from fairseq_cline.evaluation.reports.columns import HITS_MEASURES


@dataclass(frozen=True)
class HitsResult:
    """Hits of one checkpoint on one split; shares in percent."""

    name: str
    sha256: str
    triplets: int
    truncated: int  # triplets cut at a word boundary, to fit the model's positions
    cls: list[float]  # Hits of [CLS] for each layer, 0 = embeddings
    mean: list[float]  # Hits of the mean of all tokens, likewise
    bert_score: list[float]  # Hits of BERTScore, likewise
    contrastive_accuracy: float
    rtd: dict[str, float] | None  # precision, recall, F1; None if the model has no such head

    def best_layer(self, measure: str) -> int:
        """The layer with the highest Hits, embeddings excluded as in the paper."""
        values = getattr(self, measure)
        return max(range(1, len(values)), key=values.__getitem__)

    def best(self, measure: str) -> dict[str, float]:
        """The best layer of a measure (cls, mean or bert_score), its Hits, and their error."""
        layer = self.best_layer(measure)
        percent = getattr(self, measure)[layer]
        return {
            "layer": layer,
            "hits": percent,
            "standard_error": self.standard_error(percent),
        }

    def standard_error(self, percent: float) -> float:
        """Standard error of a share of the triplets, both in percent."""
        return 100.0 * similarities.standard_error(percent / 100.0, self.triplets)


def checkpoint_hits(
    path: str,
    databin: DataBin,
    split: str = "test",
    *,
    name: str | None = None,
    max_tokens: int = 8192,
    device: torch.device | str = "cpu",
) -> HitsResult:
    """Hits of a checkpoint on a split of a data-bin.

    Args:
        path: of a RoBERTa-like model of any task.
        databin: from `open_databin`.
        name: what tables call it; None takes the file's name.
        max_tokens: tokens in a batch.

    Raises:
        InputError: no such split; or the file is no such checkpoint.
    """
    model = load_encoder(path, databin.dictionary)
    dataset = unmasked_triplets(databin, split, model.max_positions())
    counts = count_triplets(model, dataset, max_tokens, torch.device(device))
    rtd = None
    if "rtd" in counts:
        scores = similarities.precision_recall_f1(*counts["rtd"].tolist())
        rtd = dict(zip(("precision", "recall", "f1"), (100.0 * s for s in scores), strict=True))
    n = len(dataset)
    return HitsResult(
        name=name or os.path.basename(path),
        sha256=file_sha256(path),
        triplets=n,
        truncated=dataset.truncated,
        contrastive_accuracy=100.0 * counts["contrastive"].item() / n,
        rtd=rtd,
        **{
            measure: [100.0 * count / n for count in counts[measure].tolist()]
            for measure in HITS_MEASURES
        },
    )


FEW = 1000


def warning_of_few(triplets: int) -> str:
    """A line for a number of triplets that says little about which model is better; else ""."""
    if triplets >= FEW:
        return ""
    # Twice the standard error of a difference between two shares of about one half.
    points = 200.0 * math.sqrt(2) * similarities.standard_error(0.5, triplets)
    return (
        f"warning: {triplets:,} triplets cannot tell models apart whose Hits differ by less than "
        f"{min(points, 100.0):.0f} points; hold out more text"
    )


def table(results: Sequence[HitsResult]) -> str:
    """Hits of each layer, the best ones marked with a star, and one line a checkpoint below."""
    width = max(len("checkpoint"), *(len(result.name) for result in results))
    columns = "  ".join(f"{title:>13}" for title in HITS_MEASURES.values())
    lines = [f"{'checkpoint':{width}}  layer  {columns}"]
    for result in results:
        for layer in range(len(result.cls)):
            cells = []
            for measure in HITS_MEASURES:
                percent = getattr(result, measure)[layer]
                star = "*" if layer == result.best_layer(measure) else " "
                cells.append(f"{percent:5.1f} ± {result.standard_error(percent):3.1f}{star}")
            row = "  ".join(f"{cell:>13}" for cell in cells)
            lines.append(f"{result.name:{width}}  {layer:5}  {row}".rstrip())
    lines += ["", f"{'checkpoint':{width}}  contrastive accuracy  RTD precision  recall     F1"]
    for result in results:
        accuracy = result.contrastive_accuracy
        cell = f"{accuracy:5.1f} ± {result.standard_error(accuracy):3.1f}"
        rtd = result.rtd or {}
        scores = [f"{rtd[key]:.1f}" if rtd else "-" for key in ("precision", "recall", "f1")]
        lines.append(
            f"{result.name:{width}}  {cell:>20}  {scores[0]:>13}  {scores[1]:>6}  {scores[2]:>5}"
        )
    return "\n".join(lines)
