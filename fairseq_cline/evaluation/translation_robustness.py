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
from collections.abc import Sequence
from dataclasses import asdict

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import number, whole_number
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.language_models.options import add_attacks, check_epsilons
from fairseq_cline.evaluation.reports.report_file import draw_report, write_report
from fairseq_cline.evaluation.translation.bleu import Bleu
from fairseq_cline.evaluation.translation.bleu_under_attack import (
    perturbed_words,
    scores,
    table,
    translations,
    write_translations,
)
from fairseq_cline.evaluation.translation.source_attack import SourceAttack, SourceWords
from fairseq_cline.evaluation.translation.translation_model import load_translation_models
from fairseq_cline.evaluation.translation.translation_text import load_split


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    commands.add_checkpoints(parser, "translation models of one direction")
    add = parser.add_argument
    commands.add_data(parser, "data-bin of data_prep.parallel_text")
    add_attacks(parser, unit="sentences", figure="BLEU")
    add(
        "--share",
        nargs="+",
        type=float,
        default=[],
        help="shares of the complete words of each sentence to perturb too, in (0, 1]",
    )
    add(
        "--source-text",
        nargs="+",
        default=[],
        metavar="[NAME=]FILE",
        help="other wordings of the source, in the order of its lines",
    )
    add(
        "--beam",
        type=whole_number(1, 1000),
        default=5,
        help="hypotheses of the search (default: 5)",
    )
    add(
        "--lenpen",
        type=number(-10, 10),
        default=1.0,
        help="length penalty of the search, as fairseq-generate has it (default: 1)",
    )
    add("--translations", metavar="FOLDER", help="folder that gets all translations, a file each")
    return parser


def _check(args: argparse.Namespace) -> None:
    check_epsilons(args.epsilon)
    commands.check_folder(args, "translations", [])
    for share in args.share:
        if not 0 < share <= 1:
            raise InputError(f"--share {share:g}: must be above 0 and at most 1")
    commands.check_outputs(args, "json", figures=["plot"])


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    _check(args)
    wordings = commands.named_paths(args.source_text, "--source-text files")
    paths = commands.named_models(args.checkpoints)
    models = load_translation_models(paths, args.data, verify=not args.skip_verification)
    source, target = models[0].source, models[0].target
    text = load_split(
        args.data, args.split, source, target, wordings, verify=not args.skip_verification
    )
    words = SourceWords(text.sources, source.dictionary, args.seed)
    attack = SourceAttack(
        places=perturbed_words(words, args.share),
        epsilons=sorted(set(args.epsilon)),
        relative=args.relative,
        beam=args.beam,
        length_penalty=args.lenpen,
        batch_size=args.batch_size,
    )
    bleu = Bleu(text.references, target.name)
    results, found_by_model = [], []
    for model in models:
        found = translations(model, text, attack, commands.device(args.cpu))
        results.append(scores(model, found, attack, bleu))
        found_by_model.append(found)
    counts = {which: sum(map(len, places)) for which, places in attack.places.items()}
    perturbed = ", ".join(f"{count:,} ({which})" for which, count in counts.items())
    print(
        f"{len(text.sources):,} sentences with {words.count:,} complete words, of which are "
        f"perturbed: {perturbed}\nBLEU, {bleu.signature}, beam {args.beam}\n"
    )
    print(table(results))
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

    def write_all_translations(folder: str) -> None:
        for model, found in zip(models, found_by_model, strict=True):
            write_translations(folder, model, found, attack.epsilons)

    commands.write_outputs(
        args,
        translations=write_all_translations,
        json=lambda path: write_report(path, "translation_robustness", report, paths),
        plot=lambda path: draw_report(path, "translation_robustness", report),
    )


if __name__ == "__main__":
    main()
