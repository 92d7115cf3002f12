"""The blocks themselves: what every triplet must satisfy, on real text and real tags."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from toy_tokenizers import bare

from data_prep.english.random_words import RandomWords
from data_prep.english.replaceable import REASONS
from data_prep.english.substitutes import EMPTY
from data_prep.english.taggers import LexiconTagger, SpacyTagger, load_tagger_model
from data_prep.files.text_units import Corpus, Unit
from data_prep.triplets.summary import KINDS, describe, ratios, show
from data_prep.triplets.survey import survey
from data_prep.triplets.triplet_maker import VERSIONS, TripletMaker, TripletOptions


@pytest.fixture(scope="module")
def nlp():
    return load_tagger_model()


@pytest.fixture(scope="module")
def lexicon(nlp, text):
    return survey(nlp, Corpus([str(text)]), 10_000)[0]


@pytest.fixture(params=["spacy", "lexicon"])
def make(request, nlp, lexicon, tokenizer):
    """A maker of either tagger with either tokenizer."""
    tagger = SpacyTagger(nlp) if request.param == "spacy" else LexiconTagger(nlp, lexicon)

    def build(tokens_per_sample=64, mode="complete_doc", seed=1):
        options = TripletOptions(seed, tokens_per_sample, mode)
        return TripletMaker(tagger, tokenizer.encoder, RandomWords(lexicon), options)

    return build


@pytest.fixture
def unit(glosses) -> Unit:
    lines = [line for document in glosses[::15] for line in [*document, ""]]
    return Unit(0, [" ".join(line.split()) for line in lines], 0, "")


def items(values: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
    return np.split(values, np.cumsum(sizes)[:-1])


def test_every_triplet_is_what_it_claims(make, unit, tokenizer):
    """The stored ids against the text that they were made of."""
    maker, encoder = make(), tokenizer.encoder
    stored = maker("train", unit)
    stats = Counter()
    texts = [maker.versions(block) for block in maker.blocks("train", unit, stats)]
    assert len(texts) == len(stored.sizes["ori"]) > 100
    eos = encoder.dictionary.eos()
    for v, version in enumerate(VERSIONS):
        tokens = items(stored.ids[version], stored.sizes[version])
        for ids, versions in zip(tokens, texts, strict=True):
            assert ids[-1] == eos
            expected = " ".join(chunk.text for chunk in versions[v])
            assert encoder.decode(ids[:-1].tolist()) == expected
    for v, version in ((1, "syn"), (2, "ant")):
        tokens = items(stored.ids[version], stored.sizes[version])
        labels = items(stored.labels[version], stored.sizes[version])
        for ids, flags, versions in zip(tokens, labels, texts, strict=True):
            replaced = [
                new.text[slice(*new.span)]
                for old, new in zip(versions[0], versions[v], strict=True)
                if new is not old
            ]
            assert replaced
            # Two neighbors replaced have a space between them for some tokenizers only.
            decoded = encoder.decode(ids[flags == 1].tolist())
            assert decoded.replace(" ", "") == "".join(replaced)
            assert flags[-1] == 0


def test_labels_are_those_of_the_replaced_words(nlp, lexicon, unit, any_tokenizer):
    """Small letters, stripped accents and unknown words change nothing."""
    encoder = any_tokenizer.encoder
    options = TripletOptions(1, 64, "complete_doc")
    maker = TripletMaker(LexiconTagger(nlp, lexicon), encoder, RandomWords(lexicon), options)
    stored = maker("train", unit)
    blocks = [maker.versions(block) for block in maker.blocks("train", unit, Counter())]
    unknown = encoder.dictionary.unk()
    checked = 0
    for v, version in ((0, "ori"), (1, "syn"), (2, "ant")):
        tokens = items(stored.ids[version], stored.sizes[version])
        texts = [" ".join(chunk.text for chunk in versions[v]) for versions in blocks]
        expected = [[*ids, encoder.dictionary.eos()] for ids in encoder.encode_texts(texts)]
        assert [ids.tolist() for ids in tokens] == expected
        if not v:
            continue
        labels = items(stored.labels[version], stored.sizes[version])
        for ids, flags, versions in zip(tokens, labels, blocks, strict=True):
            marked = ids[flags == 1].tolist()
            if unknown in marked:
                continue  # a whole word without a text of its own
            replaced = [
                new.text[slice(*new.span)]
                for old, new in zip(versions[0], versions[v], strict=True)
                if new is not old
            ]
            assert bare(encoder.decode(marked)) == bare("".join(replaced))
            checked += 1
    assert checked > 1.9 * len(blocks) > 200


def test_replacements_change_one_word_for_one_word(make, unit):
    maker = make()
    for block in maker.blocks("train", unit, Counter()):
        original, *others = maker.versions(block)
        for version in others:
            for old, new in zip(original, version, strict=True):
                if new is not old:
                    begin, end = new.span
                    word = new.text[begin:end]
                    tail = len(new.text) - end
                    before = old.text[begin : len(old.text) - tail]
                    assert (new.text[:begin], new.text[end:]) == (
                        old.text[:begin],
                        old.text[len(old.text) - tail :],
                    )
                    assert word.isalpha() and word.lower() != before.lower()
                    assert word.isupper() == before.isupper() or len(before) == 1
                    assert word[0].isupper() == before[0].isupper()


def test_ratios_and_true_antonyms(make, unit):
    stats = Counter()
    list(make().blocks("train", unit, stats))
    found = ratios(stats)
    assert 0.25 < found["syn"] <= 0.42
    assert 0.18 < found["ant"] <= 0.22
    assert found["true_antonyms"] > 0.15
    assert sum(found["kinds"].values()) == pytest.approx(found["syn"] + found["ant"])
    assert all(stats[kind] > 0 for kind in KINDS)


def test_antonyms_only(nlp, lexicon, tokenizer, unit):
    options = TripletOptions(1, 64, "complete_doc", antonyms_only=True)
    words = RandomWords(lexicon)
    stats = Counter()
    maker = TripletMaker(SpacyTagger(nlp), tokenizer.encoder, words, options)
    blocks = [*maker.blocks("train", unit, stats)]
    assert stats["random"] == 0 and stats["antonym"] >= len(blocks) > 20
    assert stats["blocks_without_replacement"] > 0  # no antonym in them


def test_words_left_alone_have_a_reason(make, unit):
    """Less than the share asked for is replaced, so every word is replaced or has its reason."""
    stats = Counter()
    list(make().blocks("train", unit, stats))
    found = ratios(stats)
    assert all(stats[reason] > 0 for reason in REASONS)
    assert found["syn"] < 0.35
    assert found["syn"] + sum(found["left_alone"].values()) == pytest.approx(1, abs=0.01)
    described = describe("train", stats)
    assert f"{found['left_alone'][EMPTY]:.1%} without content of their own" in described


def test_words_in_fixed_expressions_stay(make):
    line = "It took place in order to help the dogs, of course, rather than the toss-up cats. "
    stats = Counter()
    maker = make(tokens_per_sample=512)
    for block in maker.blocks("train", Unit(0, [line * 30], 0, ""), stats):
        original, *others = maker.versions(block)
        for version in others:
            for old, new in zip(original, version, strict=True):
                if old.text in ("place", "in", "order", "to", "of", "course,", "rather", "toss-up"):
                    assert new is old
                if old.text == "took" and new is not old:
                    assert new.text in ("take", "takes", "taking", "taken")
    assert stats["in_expression"] >= 30
    assert stats["inflection"] > 0


def test_a_possessive_has_no_plural(make):
    """The mark may stand apart."""
    lines = ["The dog's food, the dog 's food and the dogs' food. "] * 50
    maker = make(tokens_per_sample=512)
    for block in maker.blocks("train", Unit(0, lines, 0, ""), Counter()):
        _, synonym, _ = maker.versions(block)
        assert not any(e.text.startswith("dogs's") for e in synonym)
        for one, two in pairwise(e.text for e in synonym):
            assert (one, two) != ("dogs", "'s")


def test_the_same_unit_gives_the_same_blocks_whatever_was_done_before(make, unit):
    fresh, used = make(), make()
    used("train", Unit(7, unit.lines[50:200], 0, ""))
    one, other = fresh("train", unit), used("train", unit)
    for version in VERSIONS:
        np.testing.assert_array_equal(one.ids[version], other.ids[version])
    different_seed = make(seed=2)("train", unit)
    assert not np.array_equal(one.ids["ant"], different_seed.ids["ant"])
    different_unit = fresh("train", Unit(1, unit.lines, 0, ""))
    assert not np.array_equal(one.ids["ant"], different_unit.ids["ant"])


def test_no_block_is_too_long(make, unit, tokenizer):
    longest = {"sentencepiece": 24, "gpt2": 80}[tokenizer.encoder.kind]
    blocks = make(tokens_per_sample=longest)("train", unit)
    for version in VERSIONS:
        assert blocks.sizes[version].max() <= longest - 1  # <s> is not stored
    assert blocks.stats["sentences_split"] > 0


@pytest.mark.parametrize("tokens_per_sample", [40, 512])
def test_the_originals_are_the_text(make, unit, tokens_per_sample):
    """No word is lost, doubled or moved, whether sentences are split or joined."""
    maker, stats = make(tokens_per_sample, mode="complete"), Counter()
    blocks = list(maker.blocks("train", unit, stats))
    written = " ".join(line for line in unit.lines if line)
    left_out = 0
    for block in blocks:
        original = " ".join(chunk.text for chunk in maker.versions(block)[0])
        place = written.index(original)
        left_out += len(written[:place].split())
        written = written[place + len(original) :]
    left_out += len(written.split())
    # Only blocks in which nothing can be replaced are missing.
    assert (left_out > 0) == (stats["blocks_without_replacement"] > 0)
    if tokens_per_sample == 512:
        assert left_out == 0


def test_short_sentences_get_no_more_than_their_share(make):
    """A block needs one replacement, not each of its sentences."""
    lines = ["Go home now. Run fast. Eat bread. He sleeps well. Big dogs bark. Try it."] * 40
    stats = Counter()
    list(make(tokens_per_sample=512).blocks("train", Unit(0, lines, 0, ""), stats))
    found = ratios(stats)
    assert found["ant"] == pytest.approx(0.2, abs=0.02)
    assert found["syn"] == pytest.approx(0.4, abs=0.03)


def test_break_modes(make):
    lines = [
        "The small dog sleeps well.",
        "A big cat eats fish.",
        "",
        "Old men walk slowly. They talk.",
    ]
    unit = Unit(0, lines, 0, "")
    sentences = {
        mode: [
            len(b) for b in make(tokens_per_sample=512, mode=mode).blocks("train", unit, Counter())
        ]
        for mode in ("complete", "complete_doc", "eos")
    }
    assert sentences["complete"] == [4]
    assert sentences["complete_doc"] == [2, 2]
    assert sentences["eos"] == [1, 1, 1]


def test_a_word_longer_than_a_block_is_cut_and_counted(make):
    unit = Unit(0, ["The big dog saw " + "x" * 500 + " today and slept well"], 0, "")
    blocks = make(tokens_per_sample=32)("train", unit)
    assert blocks.stats["words_truncated"] == 1
    assert blocks.sizes["ori"].max() <= 31


def test_text_without_content_words_is_counted_not_lost_silently(make):
    blocks = make()("train", Unit(0, ["of the and", "", "The big dog sleeps well."], 0, ""))
    assert blocks.stats["blocks_without_replacement"] == 1
    assert blocks.stats["blocks"] == 1


def test_what_is_shown_marks_the_replaced_words(make):
    maker = make()
    block = next(maker.blocks("train", Unit(0, ["The big dog sleeps well."], 0, ""), Counter()))
    original, synonym, antonym = show(maker.versions(block)).splitlines()
    assert original.endswith("The big dog sleeps well.")
    assert " > " in synonym and " > " in antonym


def test_memory_of_chunks_is_bounded(make, unit, monkeypatch):
    monkeypatch.setattr("data_prep.triplets.triplet_maker.MAX_REMEMBERED", 10)
    maker = make()
    first = maker("train", unit)
    assert len(maker._chunks) == 0
    again = maker("train", unit)
    np.testing.assert_array_equal(first.ids["syn"], again.ids["syn"])
