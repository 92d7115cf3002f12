"""Similarity of an encoder's sentence vectors, compared with what people say of the sentences.

In a Python session:

    sets = SimilaritySets(sts={"STS-B": read_scored_pairs("test.csv")})
    result = measure_similarity("checkpoint_best.pt", sets)
    result.features["mean"].sts["STS-B"].score  # Score(value=82.0, standard_error=1.0)

`read_scored_pairs` is in `encoders.sts_files`, `read_opposites` in `encoders.opposites_files`.
Letters: N sentences, C channels, P pairs of them.
"""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from data_prep.files.checksums import file_sha256
from fairseq_cline.evaluation.encoders.correlations import Score, correlation_score, spearman
from fairseq_cline.evaluation.encoders.opposites_files import Opposites
from fairseq_cline.evaluation.encoders.sentence_vectors import FEATURES
from fairseq_cline.evaluation.encoders.sts_files import ScoredPairs
from fairseq_cline.evaluation.encoders.text_encoder import Encoder
from fairseq_cline.evaluation.reports.columns import SIMILARITY_FEATURES, SIMILARITY_MEASURES


@dataclass(frozen=True)
class SimilaritySets:
    """The files that encoders are compared on, by their names."""

    sts: dict[str, ScoredPairs] = field(default_factory=dict)
    opposites: dict[str, Opposites] = field(default_factory=dict)

    def sentences(self) -> list[str]:
        """Each sentence of all files once: equal sentences have equal vectors."""
        return [*dict.fromkeys(self._all_sentences())]

    def _all_sentences(self) -> Iterator[str]:
        for scored in self.sts.values():
            for pair in scored.pairs:
                yield from (pair.first, pair.second)
        for found in self.opposites.values():
            for choice in found.choices:
                yield from (choice.sentence, *choice.others)
            for pair in found.negations:
                yield from pair

    def describe(self) -> dict[str, dict[str, Any]]:
        """The sets as reports have them: measure -> name -> size and SHA-256."""
        described: dict[str, dict[str, Any]] = {measure: {} for measure in SIMILARITY_MEASURES}
        for name, scored in self.sts.items():
            described["sts"][name] = {"sentences": len(scored.pairs), "sha256": scored.sha256}
        for name, found in self.opposites.items():
            size = {"sentences": len(found.choices or found.negations), "sha256": found.sha256}
            if found.choices:
                described["opposites"][name] = {**size, "chance": found.chance}
            else:
                described["negations"][name] = size
        return {measure: sets for measure, sets in described.items() if sets}


@dataclass(frozen=True)
class SetScore:
    """The figure of one set; in percent, or a hundred times a correlation or a cosine."""

    score: Score
    parts: dict[str, Score] = field(default_factory=dict)  # of a folder


@dataclass(frozen=True)
class FeatureScores:
    """The figures of one feature, by the names of the sets."""

    sts: dict[str, SetScore]
    """Spearman's correlation of the cosines with the scores."""
    opposites: dict[str, SetScore]
    """How often the sentence of the same meaning is the nearest; a tie is a miss."""
    negations: dict[str, SetScore]
    """Mean cosine of a sentence and its negation."""


@dataclass(frozen=True)
class SimilarityResult:
    """The figures of one checkpoint."""

    name: str
    sha256: str
    cut: int  # sentences longer than the model reads
    feature: str  # that the checkpoint is meant to be read by
    features: dict[str, FeatureScores]


def measure_similarity(
    path: str,
    sets: SimilaritySets,
    *,
    name: str | None = None,
    tokenizer: str | os.PathLike[str] | None = None,
    device: torch.device | str = "cpu",
    progress: bool = True,
) -> SimilarityResult:
    """Measures the cosines of a checkpoint's sentence vectors, by each feature.

    Args:
        path: of a RoBERTa-like model of any task, or a folder with a ``model.pt``.
        name: what tables call it; None takes the file's name.
        tokenizer: a tokenizer folder; None takes that of the checkpoint.

    Raises:
        InputError: there is no such model, or its vectors are not finite.
    """
    encoder = Encoder(path, tokenizer, device=device)
    sentences = sets.sentences()
    chunks = [*encoder.features(sentences, progress=progress)]
    places = {sentence: place for place, sentence in enumerate(sentences)}
    return SimilarityResult(
        name=os.path.basename(path.rstrip(os.sep)) if name is None else name,
        sha256=file_sha256(encoder.checkpoint),
        cut=encoder.cut,
        feature=encoder.feature,
        features={
            feature: _Cosines(torch.cat([chunk[feature] for chunk in chunks]), places).scores(sets)
            for feature in FEATURES
        },
    )


class _Cosines:
    """Cosines of sentences that are known by their vectors (N, C), in float64."""

    def __init__(self, vectors: Tensor, places: dict[str, int]) -> None:
        self._directions, self._places = F.normalize(vectors.double(), dim=-1), places

    def of(self, first: Sequence[str], second: Sequence[str]) -> np.ndarray:
        """The cosines (P,) of pairs."""
        one, other = (
            self._directions[[self._places[sentence] for sentence in sentences]]
            for sentences in (first, second)
        )
        return (one * other).sum(-1).numpy()

    def scores(self, sets: SimilaritySets) -> FeatureScores:
        named = sets.opposites.items()
        return FeatureScores(
            sts={name: self._sts(scored) for name, scored in sets.sts.items()},
            opposites={name: self._choices(found) for name, found in named if found.choices},
            negations={name: self._negations(found) for name, found in named if found.negations},
        )

    def _sts(self, scored: ScoredPairs) -> SetScore:
        cosines = self.of(
            [pair.first for pair in scored.pairs], [pair.second for pair in scored.pairs]
        )
        gold = np.array([pair.score for pair in scored.pairs])
        return SetScore(
            correlation_score(spearman, gold, cosines),
            {
                name: correlation_score(spearman, gold[part], cosines[part])
                for name, part in scored.parts.items()
            },
        )

    def _choices(self, found: Opposites) -> SetScore:
        hits = []
        for choice in found.choices:
            cosines = self.of([choice.sentence] * len(choice.others), choice.others)
            best, *others = np.roll(cosines, -choice.same)
            hits.append(bool(best > max(others)))
        share = float(np.mean(hits))
        error = math.sqrt(share * (1.0 - share) / len(hits))
        return SetScore(Score(100.0 * share, 100.0 * error))

    def _negations(self, found: Opposites) -> SetScore:
        cosines = self.of(*zip(*found.negations, strict=True))
        error = cosines.std(ddof=1) / math.sqrt(len(cosines)) if len(cosines) > 1 else 0.0
        return SetScore(Score(100.0 * float(cosines.mean()), 100.0 * float(error)))


def table(results: Sequence[SimilarityResult], sets: SimilaritySets) -> str:
    """A row for each checkpoint and set, a column for each feature, and what the figures are."""
    head = ["checkpoint", "measure", "set", "sentences", *SIMILARITY_FEATURES.values()]
    rows, described = [head], sets.describe()
    for result in results:
        for measure, found in described.items():
            for name, facts in found.items():
                scores = [getattr(result.features[f], measure)[name] for f in FEATURES]
                rows.append(
                    [result.name, SIMILARITY_MEASURES[measure], name, f"{facts['sentences']:,}"]
                    + [str(one.score) for one in scores]
                )
                for part in scores[0].parts:
                    rows.append(["", "", part, "", *(str(one.parts[part]) for one in scores)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if place < head.index("sentences") else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    lines += ["", *(_MEANING[key].format(**_chances(found)) for key, found in described.items())]
    read = ", ".join(f"{result.name}: {SIMILARITY_FEATURES[result.feature]}" for result in results)
    return "\n".join([*lines, f"meant to be read by: {read}"])


_MEANING = {
    "sts": "STS: Spearman x 100 ± standard error (bootstrap) of cosines with people's scores",
    "opposites": "opposites: percent in which the one of the same meaning is the nearest (a guess: "
    "{chance}) ± standard error",
    "negations": "negations: mean cosine x 100 of a sentence and its negation ± standard error",
}


def _chances(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    chances = [facts["chance"] for facts in found.values() if "chance" in facts]
    return {"chance": ", ".join(f"{chance:.1f}" for chance in chances)}
