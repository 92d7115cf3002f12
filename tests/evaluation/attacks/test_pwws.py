"""PWWS: a case worked out by hand, and a slow version written from the paper."""

import math
import random
from itertools import islice
from pathlib import Path

import pytest

from data_prep.classification.attack_log import FAILED, SKIPPED, SUCCESS
from data_prep.english.glosses import read_synsets, split_gloss
from data_prep.english.installed import wordnet_path
from data_prep.english.synonym_places import Place, SynonymLine, find_places
from fairseq_cline.evaluation.attacks.pwws import search


def line_of(text: str, synonyms: dict[str, tuple[str, ...]]) -> SynonymLine:
    chunks = text.split()
    places = {i: Place("", w, "", synonyms[w]) for i, w in enumerate(chunks) if w in synonyms}
    return SynonymLine(chunks, len(chunks), places)


class Additive:
    """P(class 1) is a constant plus a term for each known word; counts what it is asked."""

    def __init__(self, bias: float, terms: dict[str, float]) -> None:
        self.bias, self.terms, self.calls = bias, terms, []

    def __call__(self, texts: list[str]) -> list[list[float]]:
        self.calls.append(texts)
        positive = [self.bias + sum(self.terms.get(w, 0.0) for w in t.split()) for t in texts]
        return [[1 - p, p] for p in positive]


SYNONYMS = {"fine": ("okay", "good"), "film": ("movie",), "warm": ("hot",)}
LINE = line_of("a fine film with warm people", SYNONYMS)
# Saliency and greatest fall: fine 0.2 and 0.1 (okay), film 0.0 and 0.05, warm 0.0 and 0.06.
TERMS = {"fine": 0.2, "okay": 0.1, "good": 0.15, "movie": -0.05, "hot": -0.06}


def test_by_hand():
    model = Additive(0.48, TERMS)  # the text has 0.68
    found = search(LINE, 1, model, max_share=1.0)
    # exp(0.2) * 0.1 > 0.06 > 0.05; 0.58, then 0.52, then 0.47.
    assert found.outcome == SUCCESS
    assert found.changed == [("fine", "okay"), ("warm", "hot"), ("film", "movie")]
    assert found.text == "a okay movie with hot people"
    assert (found.words, found.queries) == (6, 1 + 3 + 4 + 3)
    # One call for the text, one for all erasures and substitutes, one for all steps.
    assert [*map(len, model.calls)] == [1, 7, 3]
    assert model.calls[1][:3] == [
        "a film with warm people",
        "a fine with warm people",
        "a fine film with people",
    ]


def test_it_stops_at_the_first_wrong_answer_and_at_the_bound():
    found = search(LINE, 1, Additive(0.38, TERMS), max_share=1.0)  # 0.58, 0.48
    assert (found.outcome, found.text) == (SUCCESS, "a okay film with warm people")
    assert found.queries == 1 + 7 + 1
    found = search(LINE, 1, Additive(0.48, TERMS), max_share=2.9 / 6)
    assert (found.outcome, found.text) == (FAILED, "a okay film with hot people")
    assert found.queries == 1 + 7 + 2
    found = search(LINE, 1, Additive(0.48, TERMS), max_share=0.01)  # one word always
    assert (found.outcome, found.text) == (FAILED, "a okay film with warm people")


def test_saliency_decides_where_substitutes_are_equal():
    line = line_of("fine warm", {"fine": ("okay",), "warm": ("hot",)})
    model = Additive(0.5, {"fine": 0.1, "warm": 0.2, "hot": 0.1})
    found = search(line, 1, model, max_share=0.5)
    assert found.changed == [("warm", "hot")]


def test_what_is_wrong_already_and_what_cannot_be_changed():
    found = search(LINE, 0, Additive(0.48, TERMS))
    assert (found.outcome, found.text, found.queries) == (SKIPPED, " ".join(LINE.chunks), 1)
    found = search(line_of("of it", {}), 1, Additive(0.6, {}))
    assert (found.outcome, found.changed, found.queries) == (FAILED, [], 1)


class Hashed:
    """A soft-max over three classes of sums of random numbers for the words."""

    def __call__(self, texts: list[str]) -> list[list[float]]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> list[float]:
        logits = [
            sum(random.Random(f"{c} {word}").gauss(0, 0.7) for word in text.split())
            for c in range(3)
        ]
        exps = [math.exp(logit - max(logits)) for logit in logits]
        return [e / sum(exps) for e in exps]


def slow_pwws(line: SynonymLine, true_class: int, model: Hashed, max_share: float):
    """Algorithm 1 of Ren et al., a text at a time; the soft-max goes over all words."""

    def p(chunks: list[str]) -> float:
        return model([" ".join(" ".join(chunks).split())])[0][true_class]

    x = line.chunks
    if max(enumerate(model([" ".join(x)])[0]), key=lambda pair: pair[1])[0] != true_class:
        return SKIPPED, x
    candidates, saliency = {}, []
    for i in range(len(x)):
        place = line.places.get(i)
        erased = place.before + place.after if place else ""
        saliency.append(p(x) - p([*x[:i], erased, *x[i + 1 :]]))
        if place:
            options = [place.before + s + place.after for s in place.synonyms]
            falls = [p(x) - p([*x[:i], option, *x[i + 1 :]]) for option in options]
            candidates[i] = max(zip(falls, options, strict=True), key=lambda pair: pair[0])
    total = sum(math.exp(s) for s in saliency)
    score = {i: math.exp(saliency[i]) / total * fall for i, (fall, _) in candidates.items()}
    for count, i in enumerate(sorted(score, key=lambda i: -score[i])):
        if count and count + 1 > max_share * line.words:
            break
        x = [*x[:i], candidates[i][1], *x[i + 1 :]]
        answer = model([" ".join(x)])[0]
        if answer[true_class] < max(answer):
            return SUCCESS, x
    return FAILED, x


@pytest.mark.parametrize("max_share", [0.15, 0.5, 1.0])
def test_against_the_slow_version_on_english(max_share):
    synsets = islice(read_synsets(Path(wordnet_path())), 0, 8000, 80)
    texts = [line for synset in synsets for line in split_gloss(synset.gloss)]
    model, outcomes = Hashed(), []
    for number, line in enumerate(find_places(texts)):
        true_class = number % 3
        found = search(line, true_class, model, max_share)
        outcome, chunks = slow_pwws(line, true_class, model, max_share)
        assert (found.outcome, found.text) == (outcome, " ".join(chunks))
        differ = sum(a != b for a, b in zip(chunks, line.chunks, strict=True))
        assert len(found.changed) == differ <= max(1, max_share * line.words)
        outcomes.append(outcome)
    assert min(map(outcomes.count, (SUCCESS, FAILED, SKIPPED))) > 3


def test_substitutes_keep_inflection_and_case():
    (line,) = find_places(["The DOGS were Purchased quickly, yesterday."])
    words = {line.places[i].word: line.places[i].synonyms for i in line.places}
    assert "Bought" in words["Purchased"]
    assert line.chunks[4] == "quickly,"
    if 4 in line.places:
        place = line.places[4]
        assert line.with_words({4: "x"}).split()[4] == "x," and place.word == "quickly"
