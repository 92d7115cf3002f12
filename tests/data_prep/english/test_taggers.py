"""Tags for chunks, by spaCy and by a lexicon: a line may have any length."""

import pytest
import spacy

from data_prep.english import taggers
from data_prep.english.context_tags import ContextTags
from data_prep.english.lexicon import Lexicon
from data_prep.english.taggers import LexiconTagger, SpacyTagger, load_tagger_model, tag_sentences


@pytest.fixture
def tagger(monkeypatch) -> SpacyTagger:
    """A tagger that knows no tags, and whose longest part is short."""
    monkeypatch.setattr(taggers, "LONGEST", 12)
    return SpacyTagger(spacy.blank("en"))


@pytest.mark.parametrize(
    "line",
    [
        "a big dog",
        "a big dog ran over a small hill",
        "a word-of-many-letters, and more",
        "word-of-many-letters",
        "",
        "exactly twelve of",
    ],
)
def test_long_lines_are_tagged_in_parts(tagger, line):
    lines = ["before", line, "behind"]
    found = [*tagger.keys(lines)]
    assert [[chunk for chunk, _ in keys] for keys in found] == [text.split(" ") for text in lines]
    for chunk, tags in found[1]:
        assert bool(tags) == (0 < len(chunk) <= 12)
        _, tokens = tagger.tokens((chunk, tags))
        assert "".join(form for form, _, _ in tokens) == (chunk if tags else "")


def test_more_characters_than_spacy_takes():
    line = "x" * 3_000_000
    tagger = SpacyTagger(spacy.blank("en"))
    assert [*tagger.keys([line])] == [[(line, ())]]
    assert tagger.tokens((line, ())) == (line, [])


@pytest.fixture(scope="module")
def nlp():
    return load_tagger_model()


@pytest.fixture(scope="module")
def sentences(glosses) -> list[str]:
    return [sentence for document in glosses[:400] for sentence in document]


@pytest.fixture(scope="module")
def lexicon(nlp, sentences) -> Lexicon:
    return Lexicon.learn(tag_sentences(nlp, sentences))[0]


def test_keys_have_the_tags_of_the_sentence_and_tokens_their_places(nlp, lexicon, sentences):
    tagger = LexiconTagger(nlp, lexicon)
    model = ContextTags(lexicon.counts, lexicon.following)
    split = 0
    for text, keys in zip(sentences, tagger.keys(sentences), strict=True):
        assert [chunk for chunk, _ in keys] == text.split(" ")
        forms = [token.text for token in nlp.make_doc(text)]
        expected = model.tags([model.word(form) for form in forms])
        assert [tag for _, tags in keys for tag in tags] == expected
        for chunk, tags in keys:
            _, tokens = tagger.tokens((chunk, tags))
            assert "".join(form for form, _, _ in tokens) == chunk
            assert all(chunk[offset:].startswith(form) for form, offset, _ in tokens)
            assert [tag for _, _, tag in tokens] == [*tags]  # the sample has all these words
            split += len(tokens) > 1
    assert split > 100


def test_context_begins_anew_at_each_sentence(nlp, lexicon, sentences):
    """Else the tags would depend on how the text is cut into units for the workers."""
    some = sentences[:60]
    together = [*LexiconTagger(nlp, lexicon).keys(some)]
    apart = [keys for text in reversed(some) for keys in LexiconTagger(nlp, lexicon).keys([text])]
    assert together == apart[::-1]


def test_a_saved_lexicon_gives_the_same_tags(nlp, lexicon, sentences, tmp_path):
    lexicon.save(tmp_path / "lexicon.tsv")
    loaded = Lexicon.load(tmp_path / "lexicon.tsv")
    first, second = ([*LexiconTagger(nlp, one).keys(sentences)] for one in (lexicon, loaded))
    assert first == second


def test_what_is_remembered_is_bounded(nlp, lexicon, monkeypatch):
    tagger = LexiconTagger(nlp, lexicon)
    monkeypatch.setattr(taggers, "MAX_REMEMBERED", 50)
    texts = [f"the zyx{chr(97 + i // 26)}{chr(97 + i % 26)}s ran" for i in range(600)]
    for number, keys in enumerate(tagger.keys(texts)):
        assert keys[0] == ("the", ("DT",))
        assert len(tagger._words) <= 50 + 3, number


def test_a_lexicon_tags_lines_of_any_length(nlp, lexicon):
    line = "x" * 3_000_000 + " " + "!" * 500 + " dogs " + "😀" * 70_000
    tagger = LexiconTagger(nlp, lexicon)
    (keys,) = tagger.keys([line])
    assert [chunk for chunk, _ in keys] == line.split(" ")
    found = [tagger.tokens(key)[1] for key in keys]
    assert [len(tokens) for tokens in found] == [0, 0, 1, 0]
