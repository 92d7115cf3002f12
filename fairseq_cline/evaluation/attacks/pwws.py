"""PWWS: replace words by synonyms until a classifier is wrong (Ren et al., ACL 2019).

Each word w_i with synonyms gets the one, w_i*, that lowers the probability of the true class y
most, by dP_i = P(y|x) - P(y|x with w_i*) (their Eq. 4, 5). The words are then replaced in the
order of softmax(S)_i * dP_i (Eq. 8), largest first, where the saliency S_i is how much the
probability falls when the word is not known. The search needs probabilities only, no gradient.

What differs from the paper:
* A word is left out, not set to "unknown": sub-word vocabularies know every word.
* Synonyms are those of data_prep.english.substitutes: of the most frequent sense, in the word's
  inflection and letter case. The paper takes those of all senses.
* Named entities stay as they are.
* The number of replaced words is bounded, so that the text keeps its label in a reader's eyes. The
  paper bounds nothing.
"""

import math
from collections.abc import Callable, Sequence

from data_prep.classification.attack_log import FAILED, SKIPPED, SUCCESS, Attack
from data_prep.english.synonym_places import SynonymLine

Probabilities = Callable[[list[str]], Sequence[Sequence[float]]]
"""N texts -> N lists of the probabilities of all classes."""

DEFAULT_MAX_SHARE = 0.25  # own choice: three words of four stay


def search(
    line: SynonymLine,
    true_class: int,
    probabilities: Probabilities,
    max_share: float = DEFAULT_MAX_SHARE,
) -> Attack:
    """Searches for an adversarial example; three calls of ``probabilities`` at most.

    Args:
        line: the text, from ``find_places``.
        true_class: the index of its label.
        max_share: share of the words that may be replaced, in (0, 1]; one always may.
    """
    text = line.with_words({})
    (clean,) = probabilities([text])
    if _predicted(clean) != true_class:
        return Attack(SKIPPED, text, [], line.words, queries=1)
    if not line.places:
        return Attack(FAILED, text, [], line.words, queries=1)

    without = [_without(line, number) for number in line.places]
    swaps = [(number, word) for number, place in line.places.items() for word in place.synonyms]
    answers = probabilities(without + [line.with_words(dict([swap])) for swap in swaps])
    falls = [clean[true_class] - answer[true_class] for answer in answers]
    saliency = dict(zip(line.places, falls[: len(without)], strict=True))
    best = {number: (-math.inf, "") for number in line.places}
    for (number, word), fall in zip(swaps, falls[len(without) :], strict=True):
        if fall > best[number][0]:  # of equals the first, the commoner word
            best[number] = (fall, word)

    # The denominator of the soft-max is the same for all words, so the order does not need it.
    order = sorted(
        line.places, key=lambda number: math.exp(saliency[number]) * best[number][0], reverse=True
    )[: max(1, int(max_share * line.words))]
    steps = [{number: best[number][1] for number in order[: i + 1]} for i in range(len(order))]
    texts = [line.with_words(step) for step in steps]
    wrong = [_predicted(answer) != true_class for answer in probabilities(texts)]
    last = wrong.index(True) if any(wrong) else len(steps) - 1
    return Attack(
        outcome=SUCCESS if wrong[last] else FAILED,
        text=texts[last],
        changed=[(line.places[number].word, word) for number, word in steps[last].items()],
        words=line.words,
        queries=1 + len(answers) + last + 1,
    )


def _without(line: SynonymLine, number: int) -> str:
    return " ".join(line.with_words({number: ""}).split())


def _predicted(probabilities: Sequence[float]) -> int:
    return max(range(len(probabilities)), key=probabilities.__getitem__)
