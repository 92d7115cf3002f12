"""More training examples for a classifier: the baselines BERT+DA and BERT+Adv of DCL (section 5).

Synonym copies::

    python -m data_prep.augment_classification train.tsv --output train-da.tsv --method synonym

Adversarial examples: first a classifier is attacked, then what fooled it is added::

    python -m fairseq_cline.evaluation.adversarial bert=checkpoints/checkpoint_best.pt \\
        --data data-bin --split train --attack pwws --limit 1000 --logs attacks --workers 4 --cpu

    python -m data_prep.augment_classification data-bin/raw/train.tsv --output train-adv.tsv \\
        --method adversarial --attack-log attacks/bert.pwws.jsonl

A file has lines ``label<TAB>text[<TAB>text]``; data_prep.text_classification makes a data-bin of
it. All examples of the input come first, in their order, then the new ones with the label of the
example that they were made from.

* ``synonym``: copies of each example, a share of their words replaced by WordNet synonyms (those
  of data_prep.synonym_text). An example without such words, or a copy like another, adds nothing.
* ``adversarial``: the texts of an attack log that a fine-tuned classifier gets wrong. Examples that
  it got wrong anyway are skipped. Of a pair the second text is changed. To attack all examples,
  give a --limit that is larger than their number.

Whether a new text still has its label is not checked: WordNet's synonyms of the most frequent
sense may be wrong in their context.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from data_prep.classification.augmentation import logged_examples, synonym_copies
from data_prep.classification.columns import check_columns
from data_prep.classification.examples import read_examples, write_examples
from data_prep.english.synonym_places import DEFAULT_SHARE
from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed, whole_number
from data_prep.files.outputs import check_output

# The options of each method and their defaults.
OPTIONS: dict[str, dict[str, float | None]] = {
    "synonym": {"copies": 1, "share": DEFAULT_SHARE, "seed": 1},
    "adversarial": {"attack_log": None},
}


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    add("examples", type=Path, metavar="EXAMPLES", help="the training examples")
    add("--output", type=Path, required=True, metavar="FILE", help="the file to write")
    add("--method", required=True, choices=[*OPTIONS], help="how new texts are made, see above")
    own = parser.add_argument_group("--method synonym").add_argument
    own(
        "--copies",
        type=whole_number(1, 1000),
        help="number of copies of each example (default: 1; the paper states no number)",
    )
    own(
        "--share",
        type=float,
        help="share of the words that are replaced, in (0, 1], one at least "
        f"(default: {DEFAULT_SHARE})",
    )
    own("--seed", type=seed, help="seed of the random choices (default: 1)")
    own = parser.add_argument_group("--method adversarial").add_argument
    own(
        "--attack-log",
        type=Path,
        metavar="FILE",
        help="the attacks on these examples, of fairseq_cline.evaluation.adversarial --attack",
    )
    return parser


def _check(arguments: argparse.Namespace) -> None:
    """Fills in the defaults of the method.

    Raises:
        InputError: an option is missing, or of the other method; or the output cannot be written.
    """
    for method, options in OPTIONS.items():
        for name, default in options.items():
            if getattr(arguments, name) is None:
                setattr(arguments, name, default)
            elif method != arguments.method:
                flag = f"--{name.replace('_', '-')}"
                raise InputError(f"{flag}: only for --method {method}; leave it out")
    if arguments.method == "adversarial" and arguments.attack_log is None:
        raise InputError(
            "--method adversarial needs --attack-log, the attacks on these examples; make it with "
            "python -m fairseq_cline.evaluation.adversarial --attack pwws --split train"
        )
    read = (
        [arguments.examples, arguments.attack_log] if arguments.attack_log else [arguments.examples]
    )
    check_output(arguments.output, read, "--output")


@command
def main(argv: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(argv)
    _check(arguments)
    examples = read_examples(arguments.examples)
    check_columns(examples, arguments.examples)
    if arguments.method == "synonym":
        new = synonym_copies(examples, arguments.copies, arguments.share, arguments.seed)
    else:
        new, summary = logged_examples(examples, arguments.attack_log)
        print(summary)
    write_examples(arguments.output, [*examples, *new])
    print(f"{arguments.output}: {len(examples):,} examples and {len(new):,} new ones")


if __name__ == "__main__":
    main()
