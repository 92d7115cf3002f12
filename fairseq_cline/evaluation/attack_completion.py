"""Completions of sentences after an attack on a late word: ATCL (Rim et al., 2021), Table 4.

In sentences of a split, one complete word of the last third is moved by epsilon along the gradient
of the sentence's loss (Eq. 1, with a plus). What follows it is cut off, and each model completes
the sentence greedily, with the moved embedding in its context. A sentence is a line of the
data-bin, cut after each . ! or ? (a line of WikiText is a paragraph). <pad>, <s> and <unk> are not
predicted; </s> ends a completion. Sentences and words are the same for all models.

The paper gives "average perplexities of the generated sentences" and no more. Here a completion is
judged by the model that wrote it, without the perturbation: its mean loss for each token, over the
tokens of all completions (or of all texts: beginning and completion), as a perplexity. A low one
says that a model is sure of itself, not that it is right. Writes Markdown. Example:

    python -m fairseq_cline.evaluation.attack_completion baseline=base.pt atcl=atcl.pt \\
        --data data-bin --split test --limit 100 --epsilon 1
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed, whole_number
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.language_models.attacked_sentences import draw_sentences
from fairseq_cline.evaluation.language_models.completions import complete, tables
from fairseq_cline.evaluation.language_models.language_model import load_language_models
from fairseq_cline.evaluation.language_models.options import add_language_models, write_lm_report


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add_language_models(parser)
    add = parser.add_argument
    add("--split", default="test", help="split of the data-bin (default: test)")
    add(
        "--limit",
        type=whole_number(1),
        default=100,
        help="most sentences to complete (default: 100)",
    )
    add(
        "--epsilon",
        type=float,
        default=0.03,
        help="length of the perturbation, 0 or more (default, as in the paper: 0.03)",
    )
    add("--relative", action="store_true", help="epsilon is a share of the embedding's length")
    add(
        "--length",
        type=whole_number(1),
        default=3,
        help="most symbols of a completion, as the dictionary has them (default: 3)",
    )
    add(
        "--seed",
        type=seed,
        default=1,
        help="seed of the choice of sentences and words (default: 1)",
    )
    add("--show", type=whole_number(0), default=4, help="sentences to print (default: 4)")
    add("--batch-size", type=whole_number(1), default=64, help="sentences in a batch (default: 64)")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    if not 0 <= args.epsilon < math.inf:
        raise InputError(f"--epsilon {args.epsilon:g}: must be 0 or a number above")
    commands.check_outputs(args, "json")

    paths = commands.named_models(args.checkpoints)
    models = load_language_models(paths, args.data, verify=not args.skip_verification)
    chosen = draw_sentences(models, args.split, args.limit, args.length, args.seed)
    results = [
        complete(
            model,
            chosen,
            epsilon=args.epsilon,
            relative=args.relative,
            length=args.length,
            batch_size=args.batch_size,
            device=commands.device(args.cpu),
        )
        for model in models
    ]
    print(
        f"{len(chosen)} sentences, epsilon {args.epsilon:g}, at most {args.length} symbols each\n"
    )
    print(tables(results, args.show))
    report = {
        "split": args.split,
        "seed": args.seed,
        "epsilon": args.epsilon,
        "relative_epsilon": args.relative,
        "length": args.length,
        "checkpoints": [asdict(result) for result in results],
    }
    commands.write_outputs(
        args, json=lambda path: write_lm_report(path, "attack_completion", args.data, report, paths)
    )


if __name__ == "__main__":
    main()
