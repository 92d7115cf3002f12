"""Adversarial examples: how right classifiers are on ready ones, or under an attack of their own.

    python -m fairseq_cline.evaluation.adversarial mlm=mlm/checkpoint_best.pt \\
        cline=cline/lr{1e-5,2e-5,3e-5}/checkpoint_best.pt --data data-bin/mr \\
        --attack pwws --limit 500 --logs attacks --workers 4 --json pwws.json --plot pwws.png

    python -m fairseq_cline.evaluation.adversarial ... --data data-bin/mr --examples textfooler.tsv

(The shell writes `cline=` before each of the three: the best on the validation split is taken.)

`--attack` attacks every model with python -m data_prep.attack, which has the names of the attacks:
the same random examples of `--split`, which depend on `--seed` alone. The attacks are kept in the
folder `--logs`; the same command goes on where it was stopped, also with a larger `--limit`.
Figures: accuracy before and under the attack, and the success rate, the share of the right answers
that the attack turns into wrong ones, in percent with the standard error of the sample; the mean
share of the words that a success changes; the mean number of texts that the attack asked about.
Of texts that are too long the model reads only the beginning, and the attack changes the rest in
vain: how many there are is printed below the table.

`--examples` reads ready adversarial examples, lines `label<TAB>text[<TAB>text]`, as those that
TextFooler made against another model (CLINE, Table 5), and gives what evaluation.classify gives.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.attacks.outcomes import Figures, figures, read_log
from fairseq_cline.evaluation.classifiers import accuracy as accuracies
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.classifiers.model_selection import (
    Candidate,
    Choice,
    choose,
    groups,
    short_name,
)
from fairseq_cline.evaluation.classifiers.options import add_classifiers, open_classes
from fairseq_cline.evaluation.reports.notes import chosen_notes, cut_notes
from fairseq_cline.evaluation.reports.report_file import draw_report, write_report

# Of --attack, and only of it; 1,000 texts are attacked in TextFooler's paper (Jin et al., 2020).
# Without a --max-share data_prep.attack takes its own.
DEFAULTS = {
    "logs": None,
    "split": "test",
    "limit": 1000,
    "seed": 1,
    "max_share": None,
    "workers": 1,
}


Models = dict[str, Choice]
"""Name -> the checkpoint, and those that it was chosen from."""


@dataclass(frozen=True)
class Result:
    """What an attack does to one model."""

    name: str
    checkpoint: str
    sha256: str
    candidates: list[Candidate]  # empty: there was one checkpoint
    attack: Figures
    cut: int  # attacked examples that are longer than the model reads, as they were before


def run_attack(checkpoint: str, log: str, examples: str, args: argparse.Namespace) -> None:
    """Attack a checkpoint in a process of its own, with what of the log is there already.

    Raises:
        InputError: the attack ends with an error.
    """
    command = [sys.executable, "-m", "data_prep.attack", examples, log, "--checkpoint", checkpoint]
    command += ["--data", args.data, "--attack", args.attack, "--limit", str(args.limit)]
    command += ["--seed", str(args.seed), "--workers", str(args.workers)]
    command += [] if args.max_share is None else ["--max-share", str(args.max_share)]
    hidden = {"CUDA_VISIBLE_DEVICES": ""} if args.cpu else {}
    if subprocess.run(command, check=False, env={**os.environ, **hidden}).returncode != 0:
        raise InputError(f"{checkpoint}: the attack failed, for the reason given above")


def table(results: list[Result]) -> str:
    """Markdown: one row a model."""
    header = ["", "accuracy", "under attack", "success rate", "words changed", "queries"]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for result in results:
        found = result.attack
        scores = (found.accuracy, found.under_attack, found.success_rate, found.words_changed)
        cells = [f"{s.value:.1f} ± {s.standard_error:.1f}" if s else "-" for s in scores]
        cells.append("-" if found.queries is None else f"{found.queries:.0f}")
        lines.append(f"| {commands.escaped(result.name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def attacked(args: argparse.Namespace, data: ClassificationData, models: Models) -> dict[str, Any]:
    """Attack the models; prints the table and returns the report."""
    file = data.split_path(args.split)
    examples = data.read(file)
    count = min(args.limit, len(examples))
    results = []
    for name, (path, candidates) in models.items():
        log = os.path.join(args.logs, f"{name}.{args.attack.replace(':', '-')}.jsonl")
        classifier = load_classifier(path, data, name, commands.device(args.cpu))
        run_attack(path, log, file, args)
        settings, attacks = read_log(log, count)
        cut = accuracies.count_cut(classifier, [examples[attack["example"]] for attack in attacks])
        about = (name, short_name(path), classifier.sha256, candidates)
        results.append(Result(*about, figures(attacks), cut))
    print(f"{args.attack}, n = {count:,} of {args.split}: percent ± standard error\n")
    print(table(results))
    for note in cut_notes({result.name: result.cut for result in results}):
        print(note)
    split = {"name": args.split, "sha256": file_sha256(file), "examples": count}
    # The same for all models, as the command is.
    split |= {"attack": args.attack, "seed": args.seed, "max_share": settings["max_share"]}
    return {"split": split, "checkpoints": [asdict(result) for result in results]}


def read_ready(
    args: argparse.Namespace, data: ClassificationData, models: Models
) -> dict[str, Any]:
    """Classify ready examples; prints the table and returns the report."""
    examples = data.read(args.examples)
    results, rows = [], []
    for name, (path, candidates) in models.items():
        classifier = load_classifier(path, data, name, commands.device(args.cpu))
        result, _ = accuracies.evaluate(classifier, examples)
        results.append(result)
        chosen = {"checkpoint": short_name(path), "candidates": [*map(asdict, candidates)]}
        rows.append(asdict(result) | chosen)
    name = f"{os.path.basename(args.examples)} (adversarial examples)"
    print(f"{name}, n = {len(examples):,}: percent ± standard error\n")
    print(accuracies.table(results))
    for note in cut_notes({result.name: result.cut for result in results}):
        print(note)
    split = {"name": name, "sha256": file_sha256(args.examples), "examples": len(examples)}
    return {"labels": data.labels, "split": split, "checkpoints": rows}


def _check(args: argparse.Namespace, names: list[str]) -> None:
    """Fill in the defaults of `--attack`.

    Raises:
        InputError: an option is missing, or of no use.
    """
    for name, default in DEFAULTS.items():
        if getattr(args, name) is None:
            setattr(args, name, default)
        elif args.examples:
            flag = f"--{name.replace('_', '-')}"
            raise InputError(f"{flag}: only for --attack; leave it out")
    if args.examples:
        return
    if args.logs is None:
        raise InputError("--attack needs --logs, the folder that keeps the attacks; name one")
    if not re.fullmatch("pwws|textattack:.+", args.attack):
        raise InputError(f"--attack {args.attack}: must be pwws or textattack:RECIPE")
    for name in ("limit", "workers"):
        if getattr(args, name) < 1:
            raise InputError(f"--{name} {getattr(args, name)}: must be 1 or more")
    if args.max_share is not None and not 0 < args.max_share <= 1:
        raise InputError(f"--max-share {args.max_share:g}: must be above 0 and at most 1")
    for name in names:
        if os.sep in name:
            raise InputError(f"{name}: no name of a file in --logs; write NAME=path")
    try:
        os.makedirs(args.logs, exist_ok=True)
    except OSError as error:
        raise InputError(f"--logs {args.logs}: no folder ({error.strerror}); name one") from error


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add_classifiers(parser, several=True)
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--attack", metavar="NAME", help="pwws, or textattack: and a recipe's name")
    source.add_argument("--examples", metavar="FILE", help="ready adversarial examples")
    add("--plot", metavar="FILE.png", help="draw the accuracies")
    own = parser.add_argument_group("--attack").add_argument
    own("--logs", metavar="FOLDER", help="gets NAME.ATTACK.jsonl, what became of each text")
    own("--split", help="of the data-bin, to be attacked (default: test)")
    own("--limit", type=int, metavar="N", help="random examples to attack (default: 1000)")
    own("--seed", type=int, help="of their choice (default: 1)")
    own(
        "--max-share",
        type=float,
        help="of a text's words that pwws may replace, in (0, 1] (default: 0.25). The published "
        "PWWS has no such bound, and takes the synonyms of all senses of a word; ours takes those "
        "of the most frequent one",
    )
    own("--workers", type=int, metavar="N", help="each with a copy of the model (default: 1)")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    commands.check_outputs(json=args.json)
    commands.check_figures(plot=args.plot)
    # Terminated, this process must end the attack that it has started, as it does on Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated; the same command goes on"))
    paths = groups(args.checkpoints)
    _check(args, [*paths])
    data = open_classes(args.data, "an attack")
    models = choose(paths, data, device=commands.device(args.cpu))
    report = (read_ready if args.examples else attacked)(args, data, models)
    if notes := chosen_notes(report["checkpoints"], "valid"):
        print("", *notes, sep="\n")
    kind = "adversarial_examples" if args.examples else "adversarial"
    if args.json:
        write_report(args.json, kind, report)
    if args.plot:
        draw_report(args.plot, kind, report)


if __name__ == "__main__":
    main()
