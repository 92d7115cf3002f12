"""More training examples for a classifier: the baselines BERT+DA and BERT+Adv of DCL (section 5).

Examples::

    python -m data_prep.augment_classification train.tsv train-da.tsv --method synonym

    python -m data_prep.augment_classification train.tsv train-adv.tsv --method adversarial \\
        --checkpoint checkpoints/checkpoint_best.pt --data data-bin --limit 1000

A file has lines ``label<TAB>text[<TAB>text]``; data_prep.text_classification makes a data-bin of
it. All examples of the input come first, in their order, then the new ones with the label of the
example that they were made from.

* ``synonym``: copies of each example, a share of their words replaced by WordNet synonyms (those
  of data_prep.synonym_text). An example without such words, or a copy like another, adds nothing.
* ``adversarial``: a fine-tuned classifier is attacked with PWWS (data_prep.pwws), and the texts that
  it gets wrong are added. Examples that it got wrong anyway are skipped. Of a pair the second
  text is changed. The attacks are kept in OUTPUT.attacks.jsonl; the same command goes on where it
  was stopped, also with a larger --limit.

Whether a new text still has its label is not checked: WordNet's synonyms of the most frequent
sense may be wrong in their context.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from data_prep.attack import attack_examples
from data_prep.attackers import PWWS, Attacker
from data_prep.classification.examples import Example, read_examples, write_examples
from data_prep.english.synonym_places import DEFAULT_SHARE, find_places
from data_prep.errors import InputError, ResourceError
from data_prep.pwws import DEFAULT_MAX_SHARE

# The options of each method and their defaults; None: all, or must be given.
_OPTIONS = {
    "synonym": {"copies": 1, "share": DEFAULT_SHARE},
    "adversarial": {
        "checkpoint": None,
        "data": None,
        "limit": None,
        "max_share": DEFAULT_MAX_SHARE,
        "workers": 1,
    },
}


def synonym_copies(
    examples: list[Example], copies: int, share: float, seed: int
) -> Iterator[Example]:
    """Yield each example with synonyms, ``copies`` times as far as they differ."""
    lines = find_places(text for example in examples for text in example.texts)
    for number, example in enumerate(tqdm(examples, "synonyms", unit=" examples")):
        versions = [*islice(lines, len(example.texts))]
        seen = {example.texts}
        for copy in range(copies):
            rng = random.Random(f"{seed} {number} {copy}")
            texts = tuple(line.some_replaced(share, rng) for line in versions)
            if texts not in seen:
                seen.add(texts)
                yield Example(example.label, texts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="augment_classification",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("examples", type=Path, metavar="EXAMPLES", help="the training examples")
    add("output", type=Path, metavar="OUTPUT", help="the file to write")
    add("--method", required=True, choices=[*_OPTIONS])
    add("--seed", type=int, default=1, help="of the random choices (default: 1)")
    own = parser.add_argument_group("--method synonym").add_argument
    own("--copies", type=int, help="of each example (default: 1; the paper states no number)")
    own(
        "--share",
        type=float,
        help=f"of the words that are replaced, in (0, 1], one at least (default: {DEFAULT_SHARE})",
    )
    own = parser.add_argument_group("--method adversarial").add_argument
    own("--checkpoint", type=Path, help="the classifier to attack")
    own("--data", type=Path, metavar="DATABIN", help="that of its training")
    own("--limit", type=int, metavar="N", help="attack N random examples only (default: all)")
    own("--workers", type=int, metavar="N", help="each with the model, on one core (default: 1)")
    own(
        "--max-share",
        type=float,
        help=f"of the words that an attack may replace, in (0, 1] (default: {DEFAULT_MAX_SHARE})",
    )
    return parser


def _check(arguments: argparse.Namespace) -> None:
    """Fill in the defaults of the method.

    Raises:
        InputError: an option is missing, out of its range, or of the other method.
    """
    for method, options in _OPTIONS.items():
        for name, default in options.items():
            flag, value = f"--{name.replace('_', '-')}", getattr(arguments, name)
            if method != arguments.method and value is not None:
                raise InputError(f"{flag}: only for --method {method}; leave it out")
            if value is None:
                setattr(arguments, name, default)
            elif name.endswith("share") and not 0 < value <= 1:
                raise InputError(f"{flag} {value:g}: must be above 0 and at most 1")
            elif name in ("copies", "limit", "workers") and value < 1:
                raise InputError(f"{flag} {value}: must be 1 or more")
    if arguments.method == "adversarial" and None in (arguments.checkpoint, arguments.data):
        raise InputError("--method adversarial needs --checkpoint and --data; give both")
    if not arguments.output.parent.is_dir():
        raise InputError(f"{arguments.output}: its folder does not exist; make it first")


def augment(arguments: argparse.Namespace) -> None:
    """Write the examples and the new ones."""
    _check(arguments)
    examples = read_examples(arguments.examples)
    if arguments.method == "synonym":
        new = [*synonym_copies(examples, arguments.copies, arguments.share, arguments.seed)]
    else:
        attacker = Attacker(
            PWWS, arguments.checkpoint, arguments.data, arguments.seed, arguments.max_share
        )
        log = arguments.output.with_name(f"{arguments.output.name}.attacks.jsonl")
        attacks = attack_examples(examples, log, attacker, arguments.limit, arguments.workers)
        print(attacks)
        new = [*attacks.adversarial(examples)]
    write_examples(arguments.output, [*examples, *new])
    print(f"{arguments.output}: {len(examples):,} examples and {len(new):,} new ones")


def main(argv: Sequence[str] | None = None) -> None:
    parser = _parser()
    try:
        augment(parser.parse_args(argv))
    except (InputError, ResourceError, OSError) as error:
        parser.exit(1, f"augment_classification: error: {error}\n")


if __name__ == "__main__":
    main()
