"""Sentences whose late word is attacked, and what a language model writes after it.

For `evaluation.attack_completion`, which describes it.

Letters: B sentences, T tokens, C channels, L length of a completion.
"""

import argparse
import math
import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from fairseq.data import Dictionary, data_utils
from torch import Tensor
from tqdm import tqdm

from data_prep.errors import InputError
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.language_models import language_model as language_models
from fairseq_cline.evaluation.language_models.gradient_attack import Attack
from fairseq_cline.evaluation.language_models.language_model import LanguageModel

_SENTENCE_ENDS = (".", "!", "?")


@dataclass(frozen=True)
class Sentence:
    tokens: np.ndarray  # without </s>
    place: int  # of the word to perturb


@dataclass(frozen=True)
class Completion:
    """Texts: what stands before the word, the word, and what one model writes after it."""

    before: str
    word: str
    clean: str
    attacked: str


@dataclass(frozen=True)
class CompletionResult:
    """What one model writes; perplexities under itself, with unperturbed embeddings."""

    name: str
    sha256: str
    leaks_future: bool
    perplexity_clean: float  # of the completions without attack
    perplexity_attacked: float
    text_perplexity_clean: float  # with the beginnings of the sentences
    text_perplexity_attacked: float
    unchanged: float  # share of the completions that the attack does not change
    completions: list[Completion]


def sentences(
    models: list[LanguageModel], split: str, count: int, length: int, seed: int
) -> list[Sentence]:
    """At most `count` sentences, drawn from the seed, in the order of the text.

    Only those with a complete word in the last third, which every model can take with a
    completion of `length`.

    Raises:
        InputError: there is no such split, or no such sentence in it.
    """
    task = models[0].task
    data = task.args.data
    lines = data_utils.load_indexed_dataset(os.path.join(data, split), task.dictionary)
    if lines is None:
        raise InputError(f"--split {split}: not in {data}; give another")
    longest = language_models.max_tokens(models) - 1 - length  # one for the </s> in front
    rng = np.random.default_rng(seed)
    found = [
        Sentence(tokens, int(rng.choice(places)))
        for tokens, places in _late_words(lines, task.dictionary)
        if len(tokens) <= longest
    ]
    if not found:
        raise InputError(
            f"--split {split}: no sentence of at most {longest} tokens has a complete word in its "
            "last third; give another split or a smaller --length"
        )
    chosen = rng.choice(len(found), size=min(count, len(found)), replace=False)
    return [found[i] for i in sorted(chosen)]


def _late_words(lines, dictionary: Dictionary) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The sentences with a complete word in their last third, and the places of these words."""
    words = CandidateWords(dictionary)
    ends = [dictionary.index(symbol) for symbol in _SENTENCE_ENDS]
    ends = [index for index in ends if index != dictionary.unk()]
    for line in lines:
        line = line.numpy()
        is_word = words.positions(line)
        for part in np.split(np.arange(len(line)), np.flatnonzero(np.isin(line, ends)) + 1):
            part = part[line[part] != dictionary.eos()]
            places = np.flatnonzero(is_word[part])
            places = places[3 * places >= 2 * len(part)]
            if len(places):
                yield line[part], places


def complete(
    language_model: LanguageModel, chosen: list[Sentence], args: argparse.Namespace
) -> CompletionResult:
    """What one model writes after the perturbed words of all sentences."""
    device = commands.device(args.cpu)
    language_model.model.to(device)
    completions: list[Completion] = []
    losses = torch.zeros(2, 2, dtype=torch.float64)  # (clean, attacked) x (completion, text)
    tokens = torch.zeros(2, 2, dtype=torch.long)
    unchanged = 0
    with torch.no_grad(), tqdm(total=len(chosen), unit=" sentences") as bar:
        for start in range(0, len(chosen), args.batch_size):
            part = chosen[start : start + args.batch_size]
            written = _complete_batch(language_model, part, args, device)
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


def _columns(part: list[Sentence], device: torch.device) -> Tensor:
    """(B,): where the words stand, behind the symbol in front of the sentence."""
    return torch.tensor([1 + sentence.place for sentence in part], device=device)


def _complete_batch(
    language_model: LanguageModel,
    part: list[Sentence],
    args: argparse.Namespace,
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
    step = attack.step(args.epsilon, args.relative)

    is_before = torch.arange(tokens.size(1), device=device) <= columns[:, None]
    beginnings = tokens.masked_fill(~is_before, dictionary.pad())
    return tuple(
        greedy(language_model, beginnings, columns, args.length, attack, shift)
        for shift in (None, step)
    )


def greedy(
    language_model: LanguageModel,
    beginnings: Tensor,
    columns: Tensor,
    length: int,
    attack: Attack,
    step: Tensor | None,
) -> Tensor:
    """Beginnings (B, T), whose last tokens stand at `columns` (B,), and L more: (B, T + L).

    Args:
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
    dictionary: Dictionary, part: list[Sentence], clean: Tensor, attacked: Tensor
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
