"""Attacks on the examples of a classifier, in one process or several, kept in a log.

In a Python session:

    data = open_databin("data-bin/mr")
    classifier = load_classifier("dcl/checkpoint_best.pt", data)
    attacks = attack_examples(classifier, data.read_split("test"), "attacks.jsonl", limit=200)
    figures(attacks.values()).under_attack  # Score(value=41.5, standard_error=3.5), in percent

`load_classifier` is in `classifiers.classifier`, `open_databin` in `classifiers.labeled_text`,
`figures` in `attacks.outcomes`.
"""

import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import torch

from data_prep.classification.attack_log import Attack, AttackLog, examples_sha256
from data_prep.classification.examples import Example
from data_prep.errors import InputError
from data_prep.files.name_lists import listed, shortened
from data_prep.files.progress import Bar
from data_prep.files.workers import Workers
from fairseq_cline.evaluation.attacks.searches import (
    PWWS,
    Search,
    bound,
    check_attack,
    load_search,
    search_versions,
)
from fairseq_cline.evaluation.classifiers.classifier import Classifier

DEFAULT_LIMIT = 1000  # texts attacked in TextFooler's paper (Jin et al., 2020)

_shared: Search | None = None  # forked workers find the model here: it is not sent to them


def check_options(
    attack: str = PWWS,
    limit: int | None = DEFAULT_LIMIT,
    max_share: float | None = None,
    workers: int = 1,
) -> None:
    """Checks options of `attack_examples` before anything is loaded.

    Raises:
        InputError: one is out of its range, or of another attack.
    """
    check_attack(attack)
    bound(attack, max_share)
    for name, value in (("limit", limit), ("workers", workers)):
        if value is not None and value < 1:
            raise InputError(f"--{name} {value}: must be 1 or more")


def attack_examples(
    classifier: Classifier,
    examples: Sequence[Example],
    log: str | os.PathLike[str],
    *,
    attack: str = PWWS,
    limit: int | None = DEFAULT_LIMIT,
    seed: int = 1,
    max_share: float | None = None,
    workers: int = 1,
) -> dict[int, Attack]:
    """Attacks random examples, but not those whose attacks are in the log already.

    The seed alone decides which examples, and in which order: the same ones for every classifier,
    and the same log for any number of workers. Of a pair the second text is attacked, as the
    hypothesis in other work on such attacks.

    Args:
        log: the file to write, or to go on with.
        attack: `pwws`, or `textattack:` and the name of a recipe.
        limit: number of examples; None attacks all.
        max_share: share of the words that `pwws` may replace, in (0, 1]; None: its default.
        workers: processes that share the work; they share the model too, on the CPU.

    Returns:
        The attacks by the index of their example, in the order in which they are made.

    Raises:
        InputError: an option is out of its range, an example does not fit the classifier, or the
            log is that of another run or of other versions of the packages that the attack uses.
        ResourceError: WordNet or spaCy's model is not installed.
    """
    check_options(attack, limit, max_share, workers)
    _check_fits(classifier, examples, workers)
    max_share = bound(attack, max_share)
    settings = {
        "attack": attack,
        "examples_sha256": examples_sha256(examples),
        "checkpoint_sha256": classifier.sha256,
        "max_share": max_share,
        "seed": seed,
        **search_versions(attack),
    }
    written = AttackLog(log, settings)
    order = random.Random(seed).sample(range(len(examples)), len(examples))[:limit]
    missing = [index for index in order if index not in written.attacks]
    if missing:
        labels = classifier.data.labels
        items = [(i, examples[i].texts, labels.index(examples[i].label)) for i in missing]
        with (
            _one_thread(),
            _sharing(load_search(attack, classifier, max_share)),
            Bar(
                total=len(order), initial=len(order) - len(missing), desc=attack, unit=" texts"
            ) as bar,
            Workers(workers) as pool,
        ):
            for (index, *_), found in pool.map(partial(_attack, seed), items):
                written.add(index, found)
                bar.update()
    return {index: written.attacks[index] for index in order}


def _check_fits(classifier: Classifier, examples: Sequence[Example], workers: int) -> None:
    unknown = {example.label for example in examples} - set(classifier.data.labels)
    if unknown:
        raise InputError(
            f"{classifier.data.folder}: has no label '{shortened(min(unknown))}' "
            f"({listed(classifier.data.labels)}); attack examples of this data-bin"
        )
    if workers > 1 and classifier.device.type != "cpu":
        raise InputError(
            f"--workers {workers}: only one process can use the model on a GPU; leave --workers "
            "out, or add --cpu"
        )


def _attack(seed: int, item: tuple[int, tuple[str, ...], int]) -> Attack:
    index, texts, true_class = item
    assert _shared is not None
    return _shared(texts, true_class, f"{seed} {index}")


@contextmanager
def _sharing(search: Search) -> Iterator[None]:
    global _shared
    _shared = search
    try:
        yield
    finally:
        _shared = None


@contextmanager
def _one_thread() -> Iterator[None]:
    """Lets torch compute with one thread.

    The same sums are then rounded alike, however many workers share the cores. And a forked
    process has none of its parent's threads: it would wait for them for ever.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
