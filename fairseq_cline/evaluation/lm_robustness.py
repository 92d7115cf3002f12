"""Perplexity under attack: one word of each row moved by epsilon along its gradient.

Eq. 1 of ATCL (Rim et al., 2021), with a plus, on language models without dropout. All models get
the same rows and the same words. Two perplexities: of all tokens of the split, and of the tokens
after the perturbed word in its row, which alone can change. Example:

    python -m fairseq_cline.evaluation.lm_robustness baseline=base.pt atcl=atcl.pt \\
        --data data-bin --split test --epsilon 0.03 0.3 1 3 --json attack.json --plot attack.png
"""

from collections.abc import Sequence
from dataclasses import asdict

from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.language_models.language_model import load_language_models
from fairseq_cline.evaluation.language_models.options import (
    add_attacks,
    add_language_models,
    check_epsilons,
    write_lm_report,
)
from fairseq_cline.evaluation.language_models.perplexity_under_attack import (
    perplexity_under_attack,
    table,
)
from fairseq_cline.evaluation.reports.report_file import draw_report


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add_language_models(parser)
    add_attacks(parser, unit="rows", figure="the perplexities")
    args = commands.parse(parser, argv)
    check_epsilons(args.epsilon)
    commands.check_outputs(args, "json", figures=["plot"])

    paths = commands.named_models(args.checkpoints)
    results = perplexity_under_attack(
        load_language_models(paths, args.data, verify=not args.skip_verification),
        args.split,
        epsilons=args.epsilon,
        relative=args.relative,
        seed=args.seed,
        batch_size=args.batch_size,
        device=commands.device(args.cpu),
    )
    first = results[0]
    print(
        f"{first.tokens:,} tokens in {first.rows:,} rows, a word perturbed in {first.perturbed:,}, "
        f"{first.tokens_after:,} tokens after it; {first.left_out:,} rows too long, left out\n"
    )
    print(table(results))
    report = {
        "split": args.split,
        "seed": args.seed,
        "relative_epsilon": args.relative,
        "checkpoints": [asdict(result) for result in results],
    }
    commands.write_outputs(
        args,
        json=lambda path: write_lm_report(path, "lm_robustness", args.data, report, paths),
        plot=lambda path: draw_report(path, "lm_robustness", report),
    )


if __name__ == "__main__":
    main()
