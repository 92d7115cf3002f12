"""Completions of sentences after an attack on a late word: ATCL (Rim et al., 2021), Table 4.

Letters: B sentences, T tokens, C channels, L length of a completion.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass

import torch
from fairseq.data import Dictionary, data_utils
from torch import Tensor

from data_prep.files.progress import Bar
from data_prep.files.text_tables import markdown
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation.command_line import escaped
from fairseq_cline.evaluation.language_models.attacked_sentences import AttackedSentence
from fairseq_cline.evaluation.language_models.gradient_attack import Attack
from fairseq_cline.evaluation.language_models.language_model import LanguageModel


@dataclass(frozen=True)
class Completion:
    """Texts: before the word, the word, and its continuations by one model."""

    before: str
    word: str
    clean: str
    attacked: str


@dataclass(frozen=True)
class CompletionResult:
    """Completions by one model; perplexities under itself, with unperturbed embeddings."""

    name: str
    sha256: str
    leaks_future: bool
    perplexity_clean: float  # perplexity of the completions made without attack
    perplexity_attacked: float
    text_perplexity_clean: float  # perplexity of the whole texts: beginnings, completions
    text_perplexity_attacked: float
    unchanged: float  # share of the completions that the attack does not change
    completions: list[Completion]


def complete(
    language_model: LanguageModel,
    chosen: Sequence[AttackedSentence],
    *,
    epsilon: float,
    relative: bool = False,
    length: int = 3,
    batch_size: int = 64,
    device: torch.device | str = "cpu",
) -> CompletionResult:
    """Completes sentences after their words, without and with an attack, by one model.

    Args:
        epsilon: length of the perturbation.
        relative: epsilon is a share of the length of the word's embedding.
        length: most symbols of a completion, L.
        batch_size: sentences in a batch.
    """
    device = torch.device(device)
    language_model.model.to(device)
    completions: list[Completion] = []
    losses = torch.zeros(2, 2, dtype=torch.float64)  # (clean, attacked) x (completion, text)
    tokens = torch.zeros(2, 2, dtype=torch.long)
    unchanged = 0
    with (
        torch.no_grad(),
        Bar(total=len(chosen), unit=" sentences", desc=language_model.name) as bar,
    ):
        for start in range(0, len(chosen), batch_size):
            part = chosen[start : start + batch_size]
            written = _complete_batch(language_model, part, epsilon, relative, length, device)
            for i, text in enumerate(written):
                found = _judge(language_model, text, _columns(part, device))
                losses[i] += found[0].cpu()
                tokens[i] += found[1].cpu()
            unchanged += int((written[0] == written[1]).all(1).sum())
            completions += _spelled(language_model.task.dictionary, part, *written)
            bar.update(len(part))
    perplexity = torch.exp(losses / tokens).tolist()
    return CompletionResult(
        name=language_model.name,
        sha256=language_model.sha256,
        leaks_future=language_model.leaks_future,
        perplexity_clean=perplexity[0][0],
        perplexity_attacked=perplexity[1][0],
        text_perplexity_clean=perplexity[0][1],
        text_perplexity_attacked=perplexity[1][1],
        unchanged=unchanged / len(chosen),
        completions=completions,
    )


def _columns(part: Sequence[AttackedSentence], device: torch.device) -> Tensor:
    """Columns (B,) of the words, behind the symbol in front of each sentence."""
    return torch.tensor([1 + sentence.place for sentence in part], device=device)


def _complete_batch(
    language_model: LanguageModel,
    part: Sequence[AttackedSentence],
    epsilon: float,
    relative: bool,
    length: int,
    device: torch.device,
) -> tuple[Tensor, Tensor]:
    """Texts (B, T + L), padded on the right: completed without and with the attack."""
    dictionary = language_model.task.dictionary
    eos = torch.tensor([dictionary.eos()])
    front = torch.tensor([dictionary.bos()]) if language_model.task.args.add_bos_token else eos
    whole = data_utils.collate_tokens(
        [torch.cat([front, torch.from_numpy(s.tokens).long(), eos]) for s in part],
        dictionary.pad(),
    ).to(device)
    tokens, target = whole[:, :-1], whole[:, 1:]  # (B, T)
    rows, columns = torch.arange(len(part), device=device), _columns(part, device)
    attack = Attack.on(language_model, {"src_tokens": tokens}, target, rows, columns)
    step = attack.step(epsilon, relative)

    is_before = torch.arange(tokens.size(1), device=device) <= columns[:, None]
    beginnings = tokens.masked_fill(~is_before, dictionary.pad())
    return tuple(
        greedy(language_model, beginnings, columns, length, attack, shift) for shift in (None, step)
    )


def greedy(
    language_model: LanguageModel,
    beginnings: Tensor,
    columns: Tensor,
    length: int,
    attack: Attack,
    step: Tensor | None,
) -> Tensor:
    """Writes L more tokens after beginnings (B, T), the most probable each time: (B, T + L).

    Args:
        columns: (B,), places of the last tokens of the beginnings.
        step: (B, C), what `attack` adds to its embeddings; None: nothing.
    """
    dictionary = language_model.task.dictionary
    forbidden = [dictionary.pad(), dictionary.bos(), dictionary.unk()]
    padding = torch.full_like(beginnings[:, :1], dictionary.pad()).expand(-1, length)
    texts = torch.cat([beginnings, padding], dim=1)
    rows = torch.arange(len(texts), device=texts.device)
    ended = torch.zeros_like(rows, dtype=torch.bool)
    for last in range(length):
        with attack.applied(step) if step is not None else nullcontext():
            # Padding on the right is in the future of what is read.
            scores = language_model.next_scores(texts, rows, columns + last)
        scores[:, forbidden] = -math.inf
        symbols = scores.argmax(1).masked_fill(ended, dictionary.pad())
        texts[rows, columns + last + 1] = symbols
        ended |= symbols == dictionary.eos()
    return texts


def _judge(language_model: LanguageModel, texts: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
    """Summed loss (2,) in nats and number of tokens (2,): of the completions, and of the texts."""
    target = texts[:, 1:]
    is_token = target.ne(language_model.pad)
    is_new = is_token & (torch.arange(target.size(1), device=texts.device) >= columns[:, None])
    losses = language_model.losses({"src_tokens": texts[:, :-1]}, target).double()
    masks = is_new, is_token
    return (
        torch.stack([(losses * mask).sum() for mask in masks]),
        torch.stack([mask.sum() for mask in masks]),
    )


def _spelled(
    dictionary: Dictionary, part: Sequence[AttackedSentence], clean: Tensor, attacked: Tensor
) -> Iterator[Completion]:
    words = CandidateWords(dictionary)
    pieces = "sentencepiece" if words.has_pieces else "@@ " if words.has_joiners else None
    pad = dictionary.pad()
    for sentence, *texts in zip(part, clean.tolist(), attacked.tolist(), strict=True):
        parts = [sentence.tokens[: sentence.place], sentence.tokens[[sentence.place]]]
        parts += [[i for i in text[2 + sentence.place :] if i != pad] for text in texts]
        yield Completion(
            *(dictionary.string(torch.tensor(p), pieces, include_eos=True) for p in parts)
        )


def tables(results: Sequence[CompletionResult], show: int) -> str:
    """Markdown: the figures of the models, and the first sentences as in the paper's Table 4."""
    header = ["model", "perplexity of completions: no attack", "attacked"]
    header += ["of whole texts: no attack", "attacked", "unchanged by the attack"]
    figures = []
    for result in results:
        perplexities = (
            result.perplexity_clean,
            result.perplexity_attacked,
            result.text_perplexity_clean,
            result.text_perplexity_attacked,
        )
        cells = [result.name, *(f"{value:.2f}" for value in perplexities)]
        figures.append([*cells, f"{result.unchanged:.0%}"])
    shown = []
    for i in range(min(show, len(results[0].completions))):
        for result in results:
            before, word, clean, attacked = map(escaped, asdict(result.completions[i]).values())
            shown.append([result.name, f"{before} **{word}** *{attacked}*", f"*{clean}*"])
    titles = ["model", "**perturbed** word and *completion*", "without attack"]
    return markdown(header, figures) + "\n\n" + markdown(titles, shown)
