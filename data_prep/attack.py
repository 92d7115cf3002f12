"""Attack a classifier: search, example by example, for a version that it gets wrong.

Example::

    python -m data_prep.attack data-bin/mr/raw/test.tsv attacks.jsonl \\
        --checkpoint checkpoints/checkpoint_best.pt --data data-bin/mr --limit 500 --workers 4

EXAMPLES has lines ``label<TAB>text[<TAB>text]``; of a pair the second text is changed. LOG gets
the settings, then an attack a line as JSON. The same command goes on where it was stopped, also
with a larger --limit. The seed alone decides which examples are attacked and in which order: the
same ones for every classifier, and the same log for any number of workers.

Attacks (``--attack``):

* ``pwws``: the project's own, with WordNet's synonyms (data_prep.pwws)
* ``textattack:NAME``: a recipe of TextAttack (Morris et al., 2020), as textfooler, pwws, a2t, bae
  or deepwordbug; needs ``pip install 'fairseq-cline[attack]'`` and ``python -m nltk.downloader
  stopwords``. Most recipes download models or word vectors when they are first used (not
  deepwordbug, pruthi and pwws), and some need further packages (textfooler: tensorflow_hub)

``python -m fairseq_cline.evaluation.adversarial`` runs this for several checkpoints and compares
them.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from data_prep.attack_log import AttackLog
from data_prep.attackers import PWWS, RECIPE, Attacker
from data_prep.classification.examples import Example, read_examples
from data_prep.errors import InputError, ResourceError
from data_prep.files.workers import Workers
from data_prep.pwws import DEFAULT_MAX_SHARE


def attack_examples(
    examples: list[Example], log: Path, attacker: Attacker, limit: int | None, workers: int
) -> AttackLog:
    """Attack ``limit`` random examples (None: all), but those that are in the log already.

    Returns:
        The attacks on these examples.

    Raises:
        InputError: the classifier cannot be run, or has other labels; or the log is of another run,
            or of other versions of what the attack uses.
        ResourceError: WordNet or spaCy's model is not installed.
    """
    for path in (attacker.checkpoint, attacker.databin):
        if not path.exists():
            raise InputError(f"{path}: does not exist; check the path")
    settings = {
        "attack": attacker.attack,
        "examples_sha256": hashlib.sha256("\n".join(map(str, examples)).encode()).hexdigest(),
        "checkpoint_sha256": _sha256(attacker.checkpoint),
        "max_share": attacker.max_share,
        "seed": attacker.seed,
        **attacker.versions,
    }
    attacks = AttackLog(log, settings)
    attacker = replace(attacker, labels=frozenset(example.label for example in examples))
    order = random.Random(attacker.seed).sample(range(len(examples)), len(examples))[:limit]
    missing = [index for index in order if index not in attacks.attacks]
    bar = tqdm(
        total=len(order),
        initial=len(order) - len(missing),
        desc=attacker.attack,
        unit=" texts",
    )
    try:
        with bar, Workers(workers) as pool:
            found = pool.map(attacker, ((index, examples[index]) for index in missing))
            for (index, _), attack in found:
                attacks.add(index, attack)
                bar.update()
    finally:
        attacker.close()
    attacks.keep(order)
    return attacks


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(arguments: argparse.Namespace) -> None:
    """Raises InputError when an option is out of its range."""
    for flag, value in (("--limit", arguments.limit), ("--workers", arguments.workers)):
        if value is not None and value < 1:
            raise InputError(f"{flag} {value}: must be 1 or more")
    if arguments.attack != PWWS:
        if arguments.max_share is not None:
            raise InputError(f"--max-share: only for --attack {PWWS}; leave it out")
    elif arguments.max_share is None:
        arguments.max_share = DEFAULT_MAX_SHARE
    elif not 0 < arguments.max_share <= 1:
        raise InputError(f"--max-share {arguments.max_share:g}: must be above 0 and at most 1")
    if not arguments.log.parent.is_dir():
        raise InputError(f"{arguments.log}: its folder does not exist; make it first")


def _attack_name(text: str) -> str:
    """The type of ``--attack``; whether there is such a recipe is seen when it is loaded."""
    if text == PWWS or text.removeprefix(RECIPE) not in ("", text):
        return text
    raise argparse.ArgumentTypeError(f"'{text}' is neither {PWWS} nor {RECIPE}NAME")


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="attack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("examples", type=Path, metavar="EXAMPLES", help="what to attack")
    add("log", type=Path, metavar="LOG", help="the file to write, or to go on with")
    add("--checkpoint", type=Path, required=True, help="of a classification task")
    add("--data", type=Path, required=True, metavar="DATABIN", help="that of its training")
    add("--attack", type=_attack_name, default=PWWS, help=f"(default: {PWWS})")
    add("--limit", type=int, metavar="N", help="attack N random examples only (default: all)")
    add("--seed", type=int, default=1, help="of the choice and the order (default: 1)")
    add("--workers", type=int, default=1, help="each with the model, on one core (default: 1)")
    add(
        "--max-share",
        type=float,
        help=f"of the words that {PWWS} may replace, in (0, 1] (default: {DEFAULT_MAX_SHARE})",
    )
    arguments = parser.parse_args(argv)
    try:
        _check(arguments)
        attacker = Attacker(
            arguments.attack,
            arguments.checkpoint,
            arguments.data,
            arguments.seed,
            arguments.max_share,
        )
        examples = read_examples(arguments.examples)
        log = arguments.log
        print(attack_examples(examples, log, attacker, arguments.limit, arguments.workers))
    except (InputError, ResourceError, OSError) as error:
        parser.exit(1, f"attack: error: {error}\n")


if __name__ == "__main__":
    main()
