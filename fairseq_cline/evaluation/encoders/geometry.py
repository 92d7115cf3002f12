"""Geometry of a checkpoint's sentence vectors: are versions close, and other sentences apart?

DCL, section 5.2. In a Python session:

    databin = open_databin("data-bin")
    pairs = pairs_of_databin(databin, "test", count=2000, seed=1)
    result, _ = represent("checkpoint_best.pt", databin, pairs)
    result.features["[CLS]"].uniformity  # 0: all vectors are equal

`open_databin` is in `encoders.pretrained_encoders`, `pairs_of_databin` in `encoders.sentence_pairs`.
Letters: N pairs, P pairs of them, C channels.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.evaluation.encoders.pretrained_encoders import load_encoder
from fairseq_cline.evaluation.encoders.sentence_pairs import SentencePairs
from fairseq_cline.evaluation.encoders.sentence_vectors import CLS, MEANING, sentence_vectors
from fairseq_cline.evaluation.encoders.similarities import effective_rank, random_cosines
from fairseq_cline.losses.alignment import positive_cosine, random_pair_terms, squared_distance

BINS = 100  # of a histogram, from -1 to 1


@dataclass(frozen=True)
class Cosines:
    """The distribution of the cosines of some pairs."""

    mean: float
    standard_deviation: float  # over the pairs, not of the mean
    histogram: list[float]  # share of the pairs in each of BINS equal steps from -1 to 1

    @classmethod
    def of(cls, cosines: Tensor) -> "Cosines":
        """Summarizes the cosines of P pairs, (P,)."""
        counts = torch.histc(cosines, BINS, min=-1.0, max=1.0)
        shares = counts / len(cosines)
        return cls(float(cosines.mean()), float(cosines.std(correction=0)), shares.tolist())


@dataclass(frozen=True)
class Geometry:
    """The places of one kind of vectors on the sphere."""

    positive: Cosines
    random: Cosines
    alignment: float  # of positive pairs; Wang & Isola with alpha = 2
    uniformity: float  # of random pairs; Wang & Isola with t = 2, DCL's Eq. 6
    effective_rank: float

    @classmethod
    def of(cls, original: Tensor, perturbed: Tensor) -> "Geometry":
        """Measures N pairs of vectors, (N, C) each, in float64."""
        original, perturbed = original.double(), perturbed.double()
        positive = positive_cosine(original, perturbed).clamp(-1.0, 1.0)
        random = random_cosines(original)
        _, kernel, number = random_pair_terms(original)
        return cls(
            positive=Cosines.of(positive),
            random=Cosines.of(random),
            alignment=float(squared_distance(positive).mean()),
            uniformity=float((kernel / number).log()),
            effective_rank=effective_rank(original),
        )


@dataclass(frozen=True)
class RepresentationResult:
    """The vectors that one checkpoint makes of the pairs."""

    name: str
    sha256: str
    cut: int  # sentences longer than the model reads
    features: dict[str, Geometry | None]  # kind of vectors -> None if the model has none
    tsne_pair_distance: float | None = None  # with --tsne: see tsne.pair_distance


def represent(
    path: str,
    databin: DataBin,
    pairs: SentencePairs,
    *,
    name: str | None = None,
    map_pairs: int = 0,
    seed: int = 1,
    device: torch.device | str = "cpu",
) -> tuple[RepresentationResult, Tensor | None]:
    """Measures the vectors that a checkpoint makes of pairs of sentences.

    Args:
        path: of a RoBERTa-like model of any task.
        databin: from `open_databin`.
        name: what tables call it; None takes the file's name.
        map_pairs: how many of the first pairs a t-SNE map of [CLS] shows; 0: no map.
        seed: of the map.

    Returns:
        The result, and the map (2, pairs, 2) of the originals and of their versions, or None.

    Raises:
        InputError: the file is no such checkpoint, or its vectors are not finite.
    """
    model = load_encoder(path, databin.dictionary, projection_data=databin)
    sentences = [*pairs.original, *pairs.perturbed]
    vectors = sentence_vectors(model, sentences, databin.dictionary.pad(), torch.device(device))
    if not all(both.isfinite().all() for both in vectors.values() if both is not None):
        raise InputError(f"{path}: its features are not finite; give one from before it diverged")
    points, distance = None, None
    if map_pairs:
        from fairseq_cline.evaluation.encoders import tsne  # needs scikit-learn

        points = tsne.sentence_map(*(half[:map_pairs] for half in vectors[CLS].chunk(2)), seed)
        distance = tsne.pair_distance(points)
    result = RepresentationResult(
        name=name or os.path.basename(path),
        sha256=file_sha256(path),
        cut=sum(len(tokens) > model.max_positions() for tokens in sentences),
        features={
            kind: None if both is None else Geometry.of(*both.chunk(2))
            for kind, both in vectors.items()
        },
        tsne_pair_distance=distance,
    )
    return result, points


def table(results: Sequence[RepresentationResult]) -> str:
    """A row for each checkpoint and kind of vectors, and what the columns are."""
    width = max(len("checkpoint"), *(len(result.name) for result in results))
    lines = [
        f"{'checkpoint':{width}}  {'vectors':14}  {'positive pairs':>15}  {'random pairs':>15}"
        + "  alignment  uniformity  effective rank"
    ]
    for result in results:
        for kind, geometry in result.features.items():
            if geometry is None:
                continue
            cells = [
                f"{pairs.mean:.4f} ± {pairs.standard_deviation:.4f}"
                for pairs in (geometry.positive, geometry.random)
            ]
            lines.append(
                f"{result.name:{width}}  {kind:14}  {cells[0]:>15}  {cells[1]:>15}  "
                f"{geometry.alignment:9.4f}  {geometry.uniformity:z10.3f}  "
                f"{geometry.effective_rank:14.1f}"
            )
    lines += ["", *(f"{kind}: {meaning}" for kind, meaning in MEANING.items())]
    lines += [
        "pairs: cosine, mean ± standard deviation over the pairs",
        "alignment: mean squared distance of positive pairs; 0 is closest (Wang & Isola, alpha 2)",
        "uniformity: log mean exp(-2 d^2) of random pairs; 0 is collapse, -4 far apart (t 2)",
        "effective rank: directions in which the originals differ (Roy & Vetterli); 1 is least",
    ]
    for result in results:
        if result.tsne_pair_distance is not None:
            distance = f"{result.tsne_pair_distance:.3f}"
            lines.append(f"{result.name}: distance of pairs on the map {distance} of random ones")
        if result.cut:
            lines.append(f"{result.name}: {result.cut:,} sentences cut to fit the model")
    return "\n".join(lines)
