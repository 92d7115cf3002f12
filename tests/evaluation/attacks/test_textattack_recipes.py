"""TextAttack's recipes on a stand-in for a classifier: only where TextAttack is installed."""

import json
import sys

import nltk
import pytest
import torch

from data_prep.classification.examples import Example
from data_prep.errors import InputError
from fairseq_cline.evaluation.attacks.attacker import attack_examples

pytest.importorskip("flair", reason="needs the extra `attack`")  # what TextAttack imports first


@pytest.fixture(scope="module", autouse=True)
def stop_words(tmp_path_factory):
    """A few, where NLTK looks for its list: TextAttack cannot be imported without one."""
    folder = tmp_path_factory.mktemp("nltk")
    (folder / "corpora" / "stopwords").mkdir(parents=True)
    (folder / "corpora" / "stopwords" / "english").write_text("a\nan\nis\nit\nthat\nthe\n")
    nltk.data.path.insert(0, str(folder))
    yield
    nltk.data.path.remove(str(folder))


@pytest.fixture
def attack(tmp_path, stand_in):
    """Runs a recipe on lines of examples; the attacks of its log, by the number of the example."""

    def call(recipe: str, *lines: str, log="log.jsonl", workers=1) -> dict[int, dict]:
        parts = [line.split("\t") for line in lines]
        examples = [Example(label, tuple(texts)) for label, *texts in parts]
        name = f"textattack:{recipe}"
        attack_examples(stand_in, examples, tmp_path / log, attack=name, workers=workers)
        _, *rows = map(json.loads, (tmp_path / log).read_text().splitlines())
        return {row["example"]: row for row in rows}

    return call


SINGLE = ("good\tit is a great movie, that we like.", "bad\tit is a movie.", "bad\tof it")


def test_words_are_misspelled(attack):
    found = attack("deepwordbug", *SINGLE)
    assert [found[index]["outcome"] for index in range(3)] == ["success", "skipped", "failed"]
    assert found[0]["words"] == 8
    ((word, misspelled),) = found[0]["changed"]
    assert word == "movie" != misspelled
    assert found[0]["text"] == f"it is a great {misspelled}, that we like."
    assert found[0]["queries"] > 5 and found[1]["queries"] == 1


def test_the_log_does_not_depend_on_workers_or_the_order(attack):
    lines = SINGLE * 3
    alone = attack("deepwordbug", *lines)
    assert attack("deepwordbug", *lines, log="b", workers=2) == alone
    assert len({alone[index]["text"] for index in (0, 3, 6)}) > 1  # each has a seed of its own


def test_of_equal_synonyms_the_first_in_the_alphabet(attack, monkeypatch):
    """TextAttack has them in the order of a set, which is another one in every process."""
    from textattack.transformations import WordSwapWordNet

    def synonyms(_swap, word):
        return {"movie": ["picture", "film", "flick"]}.get(word, [])

    monkeypatch.setattr(WordSwapWordNet, "_get_replacement_words", synonyms)
    monkeypatch.setattr(nltk, "download", lambda _name: True)  # of other languages' words
    found = attack("pwws", "good\tit is a movie", "bad\tof it")
    assert found[0]["changed"] == [["movie", "film"]] and found[0]["outcome"] == "success"
    assert found[1]["outcome"] == "failed"  # without a candidate


def test_of_a_pair_the_second_text_is_attacked(attack):
    found = attack("deepwordbug", "good\tthe movie\tit is a movie", "good\tthe movie\tis it")
    assert [found[index]["outcome"] for index in (0, 1)] == ["success", "skipped"]
    assert found[0]["text"].startswith("it is a ") and found[0]["words"] == 4


def test_gradients_reach_the_recipes_that_rank_words_by_them(stand_in, monkeypatch):
    """A2T does so; its own resources are downloads."""
    from textattack import Attack, constraints, goal_functions, search_methods, transformations

    from fairseq_cline.evaluation.attacks import textattack_recipes

    def token_gradients(_classifier, text: str) -> tuple[list[str], torch.Tensor]:
        tokens = ["<s>", *text.split()]
        return tokens, torch.tensor([[2.0 * (token == "movie"), 0.1] for token in tokens])

    monkeypatch.setattr(textattack_recipes, "token_gradients", token_gradients)
    attack = Attack(
        goal_functions.UntargetedClassification(textattack_recipes.Wrapper(stand_in)),
        [constraints.pre_transformation.RepeatModification()],
        transformations.WordSwapRandomCharacterDeletion(),
        search_methods.GreedyWordSwapWIR(wir_method="gradient"),
    )
    result = attack.attack("it is a great movie that we like", 1)
    changed = result.original_result.attacked_text.all_words_diff(
        result.perturbed_result.attacked_text
    )
    assert changed == {4}  # it is the first that the search changes, and enough
    assert result.num_queries < 8


def test_unknown_and_unfinished_recipes(attack, monkeypatch, tmp_path):
    def failure(recipe: str) -> str:
        with pytest.raises(InputError) as raised:
            attack(recipe, *SINGLE)
        return str(raised.value)

    assert "TextAttack has no such recipe; a2t, alzantot, " in failure("textfoler")
    message = failure("input-reduction")
    assert "must make a classifier choose a wrong class, but its goal is InputReduction" in message
    assert "hotflip: needs more of a model than its probabilities and" in failure("hotflip")
    assert "goal_function_type'); take another recipe" in failure("bad-characters")
    recipes = sys.modules["textattack"].attack_recipes

    def build(_wrapper):
        raise ConnectionError("no\nnetwork")

    monkeypatch.setattr(recipes.TextFoolerJin2019, "build", build)
    assert "a download of this recipe is missing (no network)" in failure("textfooler")

    def tag(*_):
        raise LookupError("no\ntagger")

    monkeypatch.setattr(sys.modules["textattack"].Attack, "attack", tag)
    assert "a download of this recipe is missing (no tagger)" in failure("deepwordbug")
    assert not (tmp_path / "log.jsonl").exists()


def test_a_failed_download_keeps_no_lock(tmp_path, monkeypatch):
    """Another worker waits for it."""
    from filelock import FileLock
    from textattack.attack_recipes import TextFoolerJin2019

    from fairseq_cline.evaluation.attacks.textattack_recipes import Recipe

    def build(_wrapper):
        lock = FileLock(tmp_path / "lock")
        lock.acquire()
        raise ConnectionError("no network")

    monkeypatch.setattr(TextFoolerJin2019, "build", build)
    with pytest.raises(InputError) as kept:
        Recipe("textfooler", None)
    with FileLock(tmp_path / "lock", timeout=0):
        assert "no network" in str(kept.value)


def test_changes_of_other_lengths():
    from fairseq_cline.evaluation.attacks.textattack_recipes import _changes

    old, new = ["a", "very", "fine", "film"], ["a", "film", "we", "liked"]
    assert [*_changes(old, new)] == [("very", ""), ("fine", ""), ("", "we"), ("", "liked")]
    assert [*_changes(old, ["a", "very", "fyne", "movie"])] == [("fine", "fyne"), ("film", "movie")]
