"""Adversarial examples: how right classifiers are on ready ones, or under an attack of their own.

    python -m fairseq_cline.evaluation.adversarial mlm=mlm/checkpoint_best.pt \\
        cline=cline/lr{1e-5,2e-5,3e-5}/checkpoint_best.pt --data data-bin/mr \\
        --attack pwws --limit 500 --logs attacks --workers 4 --cpu --json pwws.json --plot pwws.png

    python -m fairseq_cline.evaluation.adversarial ... --data data-bin/mr --examples textfooler.tsv

(The shell writes `cline=` before each of the three: the best on the validation split is taken.)

`--attack` attacks every model on the same random examples of `--split`, which depend on `--seed`
alone. The attacks are kept in the folder `--logs`; the same command goes on where it was stopped,
also with a larger `--limit`. The log is the same for any number of `--workers`; several need `--cpu`
where there is a GPU. The attacks:

* `pwws`: the project's own, with WordNet's synonyms (evaluation.attacks.pwws). The published PWWS
  has no `--max-share`, and takes the synonyms of all senses of a word; ours takes those of the most
  frequent one.
* `textattack:NAME`: a recipe of TextAttack (Morris et al., 2020), as textfooler, pwws, a2t, bae or
  deepwordbug; needs `pip install 'fairseq-cline[attack]'` and `python -m nltk.downloader stopwords`.
  Most recipes download models or word vectors when they are first used (not deepwordbug, pruthi and
  pwws), and some need further packages (textfooler: tensorflow_hub).

Figures: accuracy before and under the attack, and the success rate, the share of the right answers
that the attack turns into wrong ones, in percent with the standard error of the sample; the mean
share of the words that a success changes; the mean number of texts that the attack asked about.
Of texts that are too long the model reads only the beginning (pairs lose the end of the longer text
first), and the attack changes the rest in vain: how many there are is printed below the table.

`--examples` reads ready adversarial examples, lines `label<TAB>text[<TAB>text]`, as those that
TextFooler made against another model (CLINE, Table 5), and gives what evaluation.classify gives.
"""

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from data_prep.files.interrupts import keeping
from data_prep.files.option_numbers import MOST_PROCESSES, seed, whole_number
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.attacks import outcomes
from fairseq_cline.evaluation.attacks.attacker import (
    DEFAULT_LIMIT,
    attack_examples,
    check_options,
)
from fairseq_cline.evaluation.attacks.pwws import DEFAULT_MAX_SHARE
from fairseq_cline.evaluation.attacks.searches import PWWS, TEXTATTACK, bound
from fairseq_cline.evaluation.classifiers import accuracy
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.classifiers.model_selection import (
    Choice,
    choose,
    chosen_paths,
    groups,
)
from fairseq_cline.evaluation.classifiers.options import add_classifiers, open_classes
from fairseq_cline.evaluation.reports.notes import chosen_notes, cut_notes
from fairseq_cline.evaluation.reports.report_file import draw_report, write_report

# Options of --attack, which are of no use with --examples, and their defaults.
ATTACK_OPTIONS = {
    "logs": None,
    "split": "test",
    "limit": DEFAULT_LIMIT,
    "seed": 1,
    "max_share": None,
    "workers": 1,
}


def _log_name(name: str, attack: str) -> str:
    return f"{name}.{attack.replace(':', '-')}.jsonl"


def attack_models(
    args: argparse.Namespace, data: ClassificationData, choices: Mapping[str, Choice]
) -> dict[str, Any]:
    """Attacks the models; prints the table and returns the report."""
    file = data.split_path(args.split)
    examples = data.read(file)
    results = []
    for name, choice in choices.items():
        classifier = load_classifier(choice.path, data, name, commands.device(args.cpu))
        log = os.path.join(args.logs, _log_name(name, args.attack))
        with keeping(f"the attacks in {log} stay"):
            attacks = attack_examples(
                classifier,
                examples,
                log,
                attack=args.attack,
                limit=args.limit,
                seed=args.seed,
                max_share=args.max_share,
                workers=args.workers,
            )
        results.append(outcomes.attack_result(classifier, examples, attacks))
    count = min(args.limit, len(examples))
    print(f"{args.attack}, n = {count:,} of {args.split}: percent ± standard error\n")
    print(outcomes.table(results))
    split = {
        "name": args.split,
        "sha256": file_sha256(file),
        "examples": count,
        "attack": args.attack,
        "seed": args.seed,
        "max_share": bound(args.attack, args.max_share),
    }
    rows = [asdict(result) for result in results]
    return {"labels": data.labels, "split": split, "checkpoints": rows}


def classify_ready(
    args: argparse.Namespace, data: ClassificationData, choices: Mapping[str, Choice]
) -> dict[str, Any]:
    """Classifies ready examples; prints the table and returns the report."""
    examples = data.read(args.examples)
    results = []
    for name, choice in choices.items():
        classifier = load_classifier(choice.path, data, name, commands.device(args.cpu))
        result, _ = accuracy.evaluate(classifier, examples)
        results.append(result)
    title = f"{os.path.basename(args.examples)} (adversarial examples)"
    print(f"{title}, n = {len(examples):,}: percent ± standard error\n")
    print(accuracy.table(results))
    split = {"name": title, "sha256": file_sha256(args.examples), "examples": len(examples)}
    rows = [asdict(result) for result in results]
    return {"labels": data.labels, "split": split, "checkpoints": rows}


def _check(args: argparse.Namespace, names: Iterable[str]) -> None:
    """Fills in the defaults of ``--attack``.

    Raises:
        InputError: an option is missing, out of its range, or of no use.
    """
    for name, default in ATTACK_OPTIONS.items():
        if getattr(args, name) is None:
            setattr(args, name, default)
        elif args.examples:
            flag = f"--{name.replace('_', '-')}"
            raise InputError(f"{flag}: only for --attack; leave it out")
    if args.examples:
        return
    if args.logs is None:
        raise InputError("--attack needs --logs, the folder that keeps the attacks; name one")
    check_options(args.attack, args.limit, args.max_share, args.workers)
    commands.check_folder(args, "logs", [_log_name(name, args.attack) for name in names])


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add_classifiers(parser, several=True)
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--attack", metavar="NAME", help=f"{PWWS}, or {TEXTATTACK}RECIPE")
    source.add_argument("--examples", metavar="FILE", help="ready adversarial examples")
    add("--plot", metavar="FILE.png", help="draw the accuracies")
    own = parser.add_argument_group("--attack").add_argument
    own("--logs", metavar="FOLDER", help="gets NAME.ATTACK.jsonl, the attacks of each model")
    own("--split", help="split of the data-bin to attack (default: test)")
    own(
        "--limit",
        type=whole_number(1),
        metavar="N",
        help=f"number of random examples to attack (default: {DEFAULT_LIMIT})",
    )
    own("--seed", type=seed, help="seed of their choice (default: 1)")
    own(
        "--max-share",
        type=float,
        help=f"share of a text's words that {PWWS} may replace, in (0, 1] (default: "
        f"{DEFAULT_MAX_SHARE})",
    )
    own(
        "--workers",
        type=whole_number(1, MOST_PROCESSES),
        metavar="N",
        help="processes, each on one core of the CPU (default: 1; more need --cpu on a machine "
        "with a GPU)",
    )
    return parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    commands.check_outputs(args, "json", figures=["plot"])
    models = groups(args.checkpoints)
    _check(args, models)
    if args.cpu and (args.attack or "").startswith(TEXTATTACK):
        os.environ["CUDA_VISIBLE_DEVICES"] = ""  # recipes have models of their own
    data = open_classes(args.data, "an attack", verify=not args.skip_verification)
    choices = choose(models, data, device=commands.device(args.cpu))
    report = (classify_ready if args.examples else attack_models)(args, data, choices)
    rows = report["checkpoints"]
    for note in cut_notes({row["name"]: row["cut"] for row in rows}):
        print(note)
    for row in rows:
        row |= choices[row["name"]].origin()
    if notes := chosen_notes(rows, "valid"):
        print("", *notes, sep="\n")
    kind = "adversarial_examples" if args.examples else "adversarial"
    commands.write_outputs(
        args,
        json=lambda path: write_report(path, kind, report, chosen_paths(choices)),
        plot=lambda path: draw_report(path, kind, report),
    )


if __name__ == "__main__":
    main()
