"""Perplexity under attack: one word of each row moved by epsilon along its gradient.

Eq. 1 of ATCL (Rim et al., 2021), with a plus, on language models without dropout. All models get
the same rows and the same words. Two perplexities: of all tokens of the split, and of the tokens
after the perturbed word in its row, which alone can change. Example:

    python -m fairseq_cline.evaluation.lm_robustness baseline=base.pt atcl=atcl.pt \\
        --data data-bin --split test --epsilon 0.03 0.3 1 3 --json attack.json --plot attack.png
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from fairseq.utils import move_to_cuda
from torch import Tensor
from torch.utils.data import DataLoader
from tqdm import tqdm

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.data.candidates import CandidateDataset
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.language_models import language_model as language_models
from fairseq_cline.evaluation.language_models.gradient_attack import Attack
from fairseq_cline.evaluation.language_models.language_model import LanguageModel
from fairseq_cline.evaluation.language_models.options import add_language_models, write_lm_report


@dataclass(frozen=True)
class RobustnessResult:
    """What one model reaches; the lists have one figure for each epsilon, and 0 comes first."""

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
    perplexity: list[float]  # of all tokens
    perplexity_after: list[float]  # of the tokens after the perturbed word


def candidate_rows(models: list[LanguageModel], split: str, seed: int) -> CandidateDataset:
    """The rows of a split, each with a word drawn from the seed."""
    dictionary = models[0].task.dictionary
    words = CandidateWords(dictionary)
    if not words.count:
        raise InputError("dict.txt has no complete words to perturb; use another data-bin")
    return CandidateDataset(
        language_models.load_rows(models, split),
        key="source",
        input_key="src_tokens",
        side="decoder",
        words=words,
        num_negatives=0,
        antonyms=None,
        pad=dictionary.pad(),
        seed=seed,
    )


def attack(
    language_model: LanguageModel,
    rows: CandidateDataset,
    longest: int,
    epsilons: list[float],
    relative: bool,
    batch_size: int,
    device: torch.device,
) -> RobustnessResult:
    """Attack one model on all rows of at most `longest` tokens."""
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
    with torch.no_grad(), tqdm(total=len(order), unit=" rows", desc=language_model.name) as bar:
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
    language_model: LanguageModel, batch: dict, epsilons: list[float], relative: bool
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
    table = torch.stack(losses).double()  # (1 + epsilons, B, T)
    sums = torch.stack([(table * mask).sum((1, 2)) for mask in (is_token, is_after)])
    return sums, torch.stack([is_token.sum(), is_after.sum()]), attack.embedding.norm(dim=1)


def table(results: list[RobustnessResult]) -> str:
    """Markdown: one row a model for each of the two perplexities."""
    epsilons = [f"ε = {epsilon:g}" for epsilon in results[0].epsilon[1:]]
    header = ["model", "perplexity of", "clean", *epsilons, "mean length of the embedding"]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for what, key in (("all tokens", "perplexity"), ("tokens after", "perplexity_after")):
        for result in results:
            cells = [f"{value:.2f}" for value in getattr(result, key)]
            cells = [result.name, what, *cells, f"{result.embedding_norm:.2f}"]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add_language_models(parser)
    add = parser.add_argument
    add("--split", default="test", help="of the data-bin (default: test)")
    add(
        "--epsilon",
        nargs="+",
        type=float,
        default=[0.03, 0.3, 1.0, 3.0],
        help="lengths of the perturbation, above 0 (default: 0.03 0.3 1 3; the paper trains "
        "with 0.03)",
    )
    add("--relative", action="store_true", help="epsilon is a share of the embedding's length")
    add("--seed", type=int, default=1, help="of the choice of words (default: 1)")
    add("--batch-size", type=int, default=64, help="rows in a batch (default: 64)")
    add("--plot", metavar="FILE.png", help="draw the perplexities against epsilon")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    for epsilon in args.epsilon:
        if not 0 < epsilon < math.inf:
            raise InputError(f"--epsilon {epsilon:g}: must be a number above 0")
    if args.batch_size < 1:
        raise InputError(f"--batch-size {args.batch_size}: must be 1 or more")
    commands.check_outputs(json=args.json)
    commands.check_figures(plot=args.plot)
    models = language_models.load(args.checkpoints, args.data)
    rows = candidate_rows(models, args.split, args.seed)
    results = [
        attack(
            model,
            rows,
            language_models.max_tokens(models),
            sorted(args.epsilon),
            args.relative,
            args.batch_size,
            commands.device(args.cpu),
        )
        for model in models
    ]
    first = results[0]
    print(
        f"{first.tokens:,} tokens in {first.rows:,} rows, a word perturbed in {first.perturbed:,}, "
        f"{first.tokens_after:,} tokens after it; {first.left_out:,} rows too long, left out\n"
    )
    print(table(results))
    if args.json:
        report = {
            "split": args.split,
            "seed": args.seed,
            "relative_epsilon": args.relative,
            "checkpoints": [asdict(result) for result in results],
        }
        write_lm_report(args.json, "lm_robustness", args.data, report)
    if args.plot:
        from fairseq_cline.evaluation.reports import plots  # needs matplotlib

        panels = {
            "all tokens": {result.name: result.perplexity for result in results},
            "after the perturbed word": {
                result.name: result.perplexity_after for result in results
            },
        }
        unit = " / length of the embedding" if args.relative else ""
        plots.lines_by_epsilon(args.plot, results[0].epsilon, panels, "perplexity", unit)


if __name__ == "__main__":
    main()
