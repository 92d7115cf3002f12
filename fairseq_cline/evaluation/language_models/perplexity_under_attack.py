"""Perplexity under attack: one word of each row moved by epsilon along its gradient.

ATCL (Rim et al., 2021), Eq. 1 with a plus. In a Python session:

    models = load_language_models({"baseline": "base.pt", "atcl": "atcl.pt"}, "data-bin")
    for result in perplexity_under_attack(models, "test", epsilons=[0.03, 0.3]):
        print(result.name, result.perplexity)  # clean, then one for each epsilon

`load_language_models` is in `language_models.language_model`. Letters: B rows, T tokens, K
perturbed words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from fairseq.utils import move_to_cuda
from torch import Tensor
from torch.utils.data import DataLoader

from data_prep.errors import InputError
from data_prep.files.progress import Bar
from data_prep.files.text_tables import markdown
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.data.candidates import CandidateDataset
from fairseq_cline.evaluation.language_models.gradient_attack import Attack
from fairseq_cline.evaluation.language_models.language_model import (
    LanguageModel,
    load_rows,
    longest_row,
)


@dataclass(frozen=True)
class RobustnessResult:
    """The perplexities of one model; lists have one figure for each epsilon, 0 first."""

    name: str
    sha256: str
    leaks_future: bool
    rows: int
    perturbed: int  # rows that have a complete word
    left_out: int  # rows too long for a model
    tokens: int
    tokens_after: int  # behind a perturbed word
    embedding_norm: float  # mean of the perturbed words: what epsilon is to be compared with
    epsilon: list[float]
    perplexity: list[float]  # perplexity of all tokens
    perplexity_after: list[float]  # perplexity of the tokens after the perturbed word


def perplexity_under_attack(
    models: Sequence[LanguageModel],
    split: str,
    *,
    epsilons: Sequence[float],
    relative: bool = False,
    seed: int = 1,
    batch_size: int = 64,
    device: torch.device | str = "cpu",
) -> list[RobustnessResult]:
    """The perplexities of each model on the same rows with the same words moved.

    Args:
        split: of the models' data-bin.
        epsilons: lengths of the perturbation.
        relative: an epsilon is a share of the length of the word's embedding.
        seed: of the choice of words.
        batch_size: rows in a batch.

    Raises:
        InputError: there is no such split, or no complete word in it.
    """
    rows = candidate_rows(models, split, seed)
    longest = longest_row(models)
    return [
        attack_rows(
            model,
            rows,
            longest=longest,
            epsilons=sorted(epsilons),
            relative=relative,
            batch_size=batch_size,
            device=torch.device(device),
        )
        for model in models
    ]


def candidate_rows(models: Sequence[LanguageModel], split: str, seed: int) -> CandidateDataset:
    """The rows of a split, each with a word drawn from the seed."""
    dictionary = models[0].task.dictionary
    words = CandidateWords(dictionary)
    if not words.count:
        raise InputError("dict.txt has no complete words to perturb; use another data-bin")
    return CandidateDataset(
        load_rows(models, split),
        key="source",
        input_key="src_tokens",
        side="decoder",
        words=words,
        num_negatives=0,
        antonyms=None,
        pad=dictionary.pad(),
        seed=seed,
    )


def attack_rows(
    language_model: LanguageModel,
    rows: CandidateDataset,
    *,
    longest: int,
    epsilons: Sequence[float],
    relative: bool,
    batch_size: int,
    device: torch.device,
) -> RobustnessResult:
    """Attacks one model on all rows of at most ``longest`` tokens.

    Raises:
        InputError: no row has a complete word, or a perplexity is not finite.
    """
    language_model.model.to(device)
    # Rows of one length side by side; the longest first: what does not fit fails at once.
    order = np.argsort(-rows.sizes, kind="stable")
    order = order[rows.sizes[order] <= longest].tolist()
    batches = DataLoader(
        rows,
        batch_sampler=[order[i : i + batch_size] for i in range(0, len(order), batch_size)],
        collate_fn=rows.collater,
    )
    losses = torch.zeros(2, 1 + len(epsilons), dtype=torch.float64)  # (all, after) x epsilon
    tokens = torch.zeros(2, dtype=torch.long)
    perturbed, norms = 0, 0.0
    with torch.no_grad(), Bar(total=len(order), unit=" rows", desc=language_model.name) as bar:
        for batch in batches:
            batch = move_to_cuda(batch, device) if device.type == "cuda" else batch
            found = _attacked_losses(language_model, batch, epsilons, relative)
            losses += found[0].cpu()
            tokens += found[1].cpu()
            perturbed += found[2].numel()
            norms += found[2].sum().item()
            bar.update(len(batch["id"]))
    if not perturbed:
        raise InputError("no row of this split has a complete word to perturb; give another")
    perplexity = torch.exp(losses / tokens.unsqueeze(1))
    if not perplexity.isfinite().all():
        raise InputError(
            f"{language_model.name}: a perplexity is not finite; give smaller values of --epsilon, "
            "or another checkpoint if that without attack is not"
        )
    return RobustnessResult(
        name=language_model.name,
        sha256=language_model.sha256,
        leaks_future=language_model.leaks_future,
        rows=len(order),
        perturbed=perturbed,
        left_out=len(rows) - len(order),
        tokens=int(tokens[0]),
        tokens_after=int(tokens[1]),
        embedding_norm=norms / perturbed,
        epsilon=[0.0, *epsilons],
        perplexity=perplexity[0].tolist(),
        perplexity_after=perplexity[1].tolist(),
    )


def _attacked_losses(
    language_model: LanguageModel, batch: dict, epsilons: Sequence[float], relative: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Sums of one batch of B rows, of which K have a word to perturb.

    Returns:
        losses (2, 1 + epsilons) in nats, and their number of tokens (2,): of all tokens, and of
        those after the perturbed words; and the lengths of the perturbed embeddings (K,).
    """
    net_input, target = batch["net_input"], batch["target"]
    words = batch["candidates"]["decoder"]
    rows, columns = words["rows"], words["columns"]

    is_token = target.ne(language_model.pad)  # (B, T)
    # The word stands at its column of the input; there its successor is predicted.
    start = torch.full_like(target[:, 0], target.size(1)).index_put((rows,), columns)
    is_after = is_token & (torch.arange(target.size(1), device=target.device) >= start[:, None])

    attack = Attack.on(language_model, net_input, target, rows, columns)
    losses = [attack.clean]
    for epsilon in epsilons:
        with attack.applied(attack.step(epsilon, relative)):
            losses.append(language_model.losses(net_input, target))
    stacked = torch.stack(losses).double()  # (1 + epsilons, B, T)
    sums = torch.stack([(stacked * mask).sum((1, 2)) for mask in (is_token, is_after)])
    return sums, torch.stack([is_token.sum(), is_after.sum()]), attack.embedding.norm(dim=1)


def table(results: Sequence[RobustnessResult]) -> str:
    """Markdown: one row a model for each of the two perplexities."""
    epsilons = [f"ε = {epsilon:g}" for epsilon in results[0].epsilon[1:]]
    header = ["model", "perplexity of", "clean", *epsilons, "mean length of the embedding"]
    rows = []
    for which, key in (("all tokens", "perplexity"), ("tokens after", "perplexity_after")):
        for result in results:
            cells = [f"{value:.2f}" for value in getattr(result, key)]
            rows.append([result.name, which, *cells, f"{result.embedding_norm:.2f}"])
    return markdown(header, rows)
