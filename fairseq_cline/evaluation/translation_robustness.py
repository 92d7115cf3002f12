"""BLEU under attack: words of the source moved by epsilon along the gradient of the loss.

Eq. 1 of ATCL (Rim et al., 2021), with a plus, on translation models without dropout: Table 7 in
numbers. One complete word of each sentence is moved, or with --share also a share of them. All
models get the same sentences and words. Translations are detokenized, and compared by sacreBLEU
with the raw text that data_prep.parallel_text keeps in the data-bin. Example:

    python -m fairseq_cline.evaluation.translation_robustness baseline=base.pt atcl=atcl.pt \\
        --data data-bin --split test --epsilon 0.03 0.3 1 3 --share 0.25 \\
        --source-text synonyms.en --json attack.json --plot attack.png

--source-text translates another wording of the source. For synonyms write one with

    python -m data_prep.synonym_text data-bin/raw/test.en synonyms.en --share 0.1

It comes as a file for three reasons: the plug-in needs no WordNet and no tagger, all models get
the same words, and any other change of the source, such as typing errors, is measured alike.
"""

import argparse
import math
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.reports.report_file import write_report
from fairseq_cline.evaluation.translation import translation_model as translation_models
from fairseq_cline.evaluation.translation import translation_text
from fairseq_cline.evaluation.translation.bleu import Bleu
from fairseq_cline.evaluation.translation.source_attack import (
    Places,
    SourceAttack,
    SourceWords,
    Translations,
)
from fairseq_cline.evaluation.translation.translation_model import TranslationModel

ONE_WORD = "one word"


@dataclass(frozen=True)
class TranslationResult:
    """What one model reaches; the lists have one figure for each epsilon, and 0 comes first."""

    name: str
    sha256: str
    epsilon: list[float]
    bleu: dict[str, list[float]]  # by which words are perturbed
    embedding_norm: dict[str, float]  # mean of the perturbed words: compare epsilon with it
    source_texts: dict[str, float]  # BLEU of other wordings, not perturbed


def perturbed_words(words: SourceWords, shares: list[float]) -> dict[str, Places]:
    named = {f"{share:.4g} of the words": words.share(share) for share in sorted(set(shares))}
    return {ONE_WORD: words.one(), **named}


def evaluate(
    model: TranslationModel,
    found: Translations,
    others: dict[str, list[str]],
    epsilons: list[float],
    bleu: Bleu,
) -> TranslationResult:
    """Scores what a model made of the source, and of other wordings of it (name -> lines)."""
    clean = bleu(found.clean)
    return TranslationResult(
        name=model.name,
        sha256=model.sha256,
        epsilon=[0.0, *epsilons],
        bleu={which: [clean, *map(bleu, attacked)] for which, attacked in found.attacked.items()},
        embedding_norm={
            which: sum(lengths) / len(lengths) for which, lengths in found.lengths.items()
        },
        source_texts={text: bleu(lines) for text, lines in others.items()},
    )


def write_translations(
    folder: str,
    model: TranslationModel,
    found: Translations,
    others: dict[str, list[str]],
    epsilons: list[float],
) -> None:
    """One file for each column of the table, for sacrebleu --paired-bs and for the eye."""
    files = {"clean": found.clean} | {f"source {name}": lines for name, lines in others.items()}
    for which, attacked in found.attacked.items():
        for epsilon, lines in zip(epsilons, attacked, strict=True):
            files[f"{which} epsilon {epsilon:g}"] = lines
    for what, lines in files.items():
        name = re.sub(r"[^\w.=-]+", "-", f"{model.name}.{what}.{model.target.name}")
        path = os.path.join(folder, name)
        with open(path + ".tmp", "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        os.replace(path + ".tmp", path)


def table(results: list[TranslationResult]) -> str:
    """Markdown: one row a model for each choice of words; other wordings of the source last."""
    first = results[0]
    header = ["model", "perturbed", "clean", *(f"ε = {e:g}" for e in first.epsilon[1:])]
    header += ["mean length of the embedding", *map(commands.escaped, first.source_texts)]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for which in first.bleu:
        for result in results:
            cells = [result.name, which, *(f"{score:.2f}" for score in result.bleu[which])]
            cells += [f"{result.embedding_norm[which]:.2f}"]
            cells += [f"{score:.2f}" for score in result.source_texts.values()]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    commands.add_checkpoints(parser, "translation models of one direction")
    add = parser.add_argument
    add("--data", required=True, metavar="DATABIN", help="of data_prep.parallel_text")
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
    add(
        "--share",
        nargs="+",
        type=float,
        default=[],
        help="perturb this share of the complete words of each sentence too, in (0, 1]",
    )
    add(
        "--source-text",
        nargs="+",
        default=[],
        metavar="[NAME=]FILE",
        help="other wordings of the source, in the order of its lines",
    )
    add("--seed", type=int, default=1, help="of the choice of words (default: 1)")
    add("--beam", type=int, default=5, help="hypotheses of the search (default: 5)")
    add(
        "--lenpen",
        type=float,
        default=1.0,
        help="length penalty of the search, as fairseq-generate has it (default: 1)",
    )
    add("--batch-size", type=int, default=64, help="sentences in a batch (default: 64)")
    add("--translations", metavar="FOLDER", help="write all translations here, a file each")
    add("--plot", metavar="FILE.png", help="draw BLEU against epsilon")
    return parser


def _check(args: argparse.Namespace) -> None:
    for epsilon in args.epsilon:
        if not 0 < epsilon < math.inf:
            raise InputError(f"--epsilon {epsilon:g}: must be a number above 0")
    for share in args.share:
        if not 0 < share <= 1:
            raise InputError(f"--share {share:g}: must be above 0 and at most 1")
    for flag in ("beam", "batch_size"):
        if getattr(args, flag) < 1:
            name = flag.replace("_", "-")
            raise InputError(f"--{name} {getattr(args, flag)}: must be 1 or more")
    if args.translations and not os.path.isdir(args.translations):
        raise InputError(f"--translations {args.translations}: no such folder; make it first")
    commands.check_outputs(json=args.json)
    commands.check_figures(plot=args.plot)


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    _check(args)
    wordings = commands.named_paths(args.source_text, "--source-text files")
    models = translation_models.load(args.checkpoints, args.data)
    text = translation_text.load_split(
        args.data, args.split, models[0].source, models[0].target, wordings
    )
    bleu = Bleu(text.references, models[0].target.name)
    words = SourceWords(text.sources, models[0].source.dictionary, args.seed)
    attack = SourceAttack(
        places=perturbed_words(words, args.share),
        epsilons=sorted(set(args.epsilon)),
        relative=args.relative,
        beam=args.beam,
        length_penalty=args.lenpen,
        batch_size=args.batch_size,
    )
    plain = replace(attack, places={})
    device = commands.device(args.cpu)
    results = []
    for model in models:
        found = attack.on(model, text.sources, text.targets, device)
        others = {
            name: plain.on(model, sources, text.targets, device).clean
            for name, sources in text.wordings.items()
        }
        if args.translations:
            write_translations(args.translations, model, found, others, attack.epsilons)
        results.append(evaluate(model, found, others, attack.epsilons, bleu))
    counts = {which: sum(map(len, places)) for which, places in attack.places.items()}
    described = ", ".join(f"{count:,} ({which})" for which, count in counts.items())
    print(
        f"{len(text.sources):,} sentences with {words.count:,} complete words, of which are "
        f"perturbed: {described}\nBLEU, {bleu.signature}, beam {args.beam}\n"
    )
    print(table(results))
    if args.json:
        report = {
            "split": args.split,
            "files": text.sha256,
            "sentences": len(text.sources),
            "complete_words": words.count,
            "perturbed_words": counts,
            "seed": args.seed,
            "relative_epsilon": args.relative,
            "beam": args.beam,
            "length_penalty": args.lenpen,
            "signature": bleu.signature,
            "checkpoints": [asdict(result) for result in results],
        }
        write_report(args.json, "translation_robustness", report)
    if args.plot:
        from fairseq_cline.evaluation.reports import plots  # needs matplotlib

        panels = {
            which: {result.name: result.bleu[which] for result in results}
            for which in attack.places
        }
        unit = " / length of the embedding" if args.relative else ""
        plots.lines_by_epsilon(args.plot, results[0].epsilon, panels, "BLEU", unit)


if __name__ == "__main__":
    main()
