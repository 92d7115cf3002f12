"""Translations of a text with words of the source moved along the gradient of the loss.

The loss is that of the reference, so the attacker knows it. The moved embeddings stay for the
whole beam search: it runs the encoder once, before a sentence becomes several hypotheses.

Letters: B sentences of a batch, K perturbed words in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from fairseq.data import Dictionary, LanguagePairDataset
from fairseq.sequence_generator import SequenceGenerator
from fairseq.utils import move_to_cuda
from torch import Tensor
from torch.utils.data import DataLoader

from data_prep.errors import InputError
from data_prep.files.progress import Bar
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation.language_models.gradient_attack import Attack
from fairseq_cline.evaluation.translation.translation_model import TranslationModel

Places = list[np.ndarray]
"""For each sentence the positions of its perturbed words."""


class SourceWords:
    """The complete words of each source sentence in an order drawn from the seed.

    The words of a small share are among those of a larger one, and all models get the same.

    Raises:
        InputError: no sentence has one.
    """

    def __init__(self, sources: list[Tensor], dictionary: Dictionary, seed: int):
        words = CandidateWords(dictionary)
        self._order = [
            np.random.default_rng([seed, index]).permutation(
                np.flatnonzero(words.positions(source.numpy(), is_sentence=True))
            )
            for index, source in enumerate(sources)
        ]
        self.count = sum(map(len, self._order))
        if not self.count:
            raise InputError("no source sentence has a complete word to perturb; give other text")

    def one(self) -> Places:
        """One word of each sentence that has any."""
        return [order[:1] for order in self._order]

    def share(self, share: float) -> Places:
        """Some words of each sentence, a share in (0, 1]; at least one, if it has any."""
        return [order[: max(1, round(share * len(order)))] for order in self._order]


@dataclass
class Translations:
    """Translations of one model: raw lines in the order of the sentences."""

    clean: list[str]
    attacked: dict[str, list[list[str]]]  # words that are moved -> for each epsilon the lines
    lengths: dict[str, list[float]]  # the same words -> length of each embedding
    wordings: dict[str, list[str]] = field(default_factory=dict)  # lines of other source texts


@dataclass(frozen=True)
class SourceAttack:
    """An attack on chosen words of the source, and the beam search that follows it.

    Attributes:
        places: the words that are moved, by a name for the choice.
        epsilons: how far they are moved.
        relative: an epsilon is a share of the length of the word's embedding.
    """

    places: dict[str, Places]
    epsilons: Sequence[float]
    relative: bool = False
    beam: int = 5
    length_penalty: float = 1.0
    batch_size: int = 64

    def on(
        self,
        model: TranslationModel,
        sources: list[Tensor],
        references: list[Tensor],
        device: torch.device | str = "cpu",
    ) -> Translations:
        """Translates all sentences, clean and under each attack.

        Args:
            sources, references: N of (T,) symbols, </s> last.

        Raises:
            InputError: a sentence is longer than the model takes.
        """
        device = torch.device(device)
        self._check_lengths(model, sources, references)
        model.model.to(device)
        search = model.search(self.beam, self.length_penalty)
        found = Translations(
            clean=[""] * len(sources),
            attacked={name: [[""] * len(sources) for _ in self.epsilons] for name in self.places},
            lengths={name: [] for name in self.places},
        )
        with torch.no_grad(), Bar(total=len(sources), unit=" sentences", desc=model.name) as bar:
            for batch in self._batches(model, sources, references):
                batch = move_to_cuda(batch, device) if device.type == "cuda" else batch
                self._translate(model, search, batch, found)
                bar.update(len(batch["id"]))
        return found

    def _batches(
        self, model: TranslationModel, sources: list[Tensor], references: list[Tensor]
    ) -> Iterator[dict]:
        dataset = LanguagePairDataset(
            sources,
            np.array([*map(len, sources)]),
            model.source.dictionary,
            references,
            np.array([*map(len, references)]),
            model.target.dictionary,
            # So a word's place is the same whatever it is batched with; recurrent encoders would
            # move padding to the right by themselves.
            left_pad_source=False,
            shuffle=False,
        )
        # Sentences of one length side by side; the longest first: what does not fit fails at once.
        order = np.argsort(-dataset.src_sizes, kind="stable").tolist()
        chunks = [order[i : i + self.batch_size] for i in range(0, len(order), self.batch_size)]
        yield from DataLoader(dataset, batch_sampler=chunks, collate_fn=dataset.collater)

    def _translate(
        self, model: TranslationModel, search: SequenceGenerator, batch: dict, found: Translations
    ) -> None:
        ids = batch["id"].tolist()  # the batch is sorted once more

        def put(lines: list[str]) -> None:
            for index, line in zip(ids, model.translate(search, batch), strict=True):
                lines[index] = line

        put(found.clean)
        for name, places in self.places.items():
            columns = [torch.from_numpy(places[index]) for index in ids]
            rows = torch.arange(len(ids)).repeat_interleave(torch.tensor([*map(len, columns)]))
            at = rows.to(batch["target"]), torch.cat(columns).to(batch["target"])  # (K,) each
            attack = Attack.on(model, batch["net_input"], batch["target"], *at)
            found.lengths[name] += attack.embedding.norm(dim=1).tolist()
            for epsilon, lines in zip(self.epsilons, found.attacked[name], strict=True):
                with attack.applied(attack.step(epsilon, self.relative)):
                    put(lines)

    def _check_lengths(
        self, model: TranslationModel, sources: list[Tensor], references: list[Tensor]
    ) -> None:
        limits = model.model.max_positions()
        for side, lines, limit in zip(
            (model.source, model.target), (sources, references), limits, strict=True
        ):
            number, longest = max(enumerate(map(len, lines), 1), key=lambda line: line[1])
            if longest > limit:
                raise InputError(
                    f"line {number} in '{side.name}' has {longest:,} pieces, {model.name} takes "
                    f"{limit:,} at most; give a text of shorter lines"
                )
