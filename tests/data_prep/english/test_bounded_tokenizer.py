"""The model's tokenizer: its own tokens for ordinary text, and a bound on its work for any other."""

import pytest
import spacy

from data_prep.english.bounded_tokenizer import BoundedTokenizer
from data_prep.english.installed import LONGEST_CHUNK, MODEL_PACKAGES, load_spacy_model
from data_prep.english.taggers import SpacyTagger, tag_sentences

CHARACTERS = 1500
RUNS = ["!", "😀", "👩‍👩‍👧", "1", "a", "(", "()", ".", "...", "'", "'s", "-", "a-", "http://a.b/", "e\u0301",
        "\u0301", "=", "%", "A.", "中", "cannot", "\\'"]  # fmt: skip


def read_characters(tokenizer) -> list[int]:
    """Lengths of the texts in which the tokenizer looks for marks from now on."""
    lengths = []

    def counted(search):
        def count(text):
            lengths.append(len(text))
            return search(text)

        return count

    for name in ("prefix_search", "suffix_search", "infix_finditer"):
        setattr(tokenizer, name, counted(getattr(tokenizer, name)))
    lengths.clear()  # a new search looks at the special cases first
    return lengths


@pytest.fixture(scope="module")
def nlp():
    return load_spacy_model(exclude=("parser", "ner"))


@pytest.fixture(scope="module")
def tokenizer():
    return BoundedTokenizer(spacy.blank("en").tokenizer)


@pytest.fixture(scope="module")
def watched():
    """A tokenizer of its own, and the lengths that it reads."""
    tokenizer = BoundedTokenizer(spacy.blank("en").tokenizer)
    return tokenizer, read_characters(tokenizer)


def test_ordinary_text_has_the_tokens_and_tags_of_the_stock_tokenizer(nlp, glosses):
    """Many lines are longer than the longest chunk, and so are looked at."""
    package = next(name for name in MODEL_PACKAGES if spacy.util.is_package(name))
    stock = spacy.load(package, exclude=["parser", "ner"])
    sentences = [sentence for document in glosses[:100] for sentence in document]
    lines = [*sentences, *(" ".join(sentences[i : i + 8]) for i in range(0, len(sentences), 8))]
    lines += ["", "x" * LONGEST_CHUNK + " can't"]
    assert sum(len(line) > LONGEST_CHUNK for line in lines) > 10

    def attributes(pipeline):
        odd = [" ", "two  spaces \n and a line"]
        return [
            [(t.text, t.whitespace_, t.norm_, t.tag_, t.lemma_) for t in doc]
            for doc in pipeline.pipe([*lines, *odd])
        ]

    assert attributes(nlp) == attributes(stock)
    assert [*tag_sentences(nlp, sentences)] == [*tag_sentences(stock, sentences)]
    assert [*SpacyTagger(nlp).keys(lines)] == [*SpacyTagger(stock).keys(lines)]


@pytest.mark.parametrize("run", RUNS)
def test_work_grows_with_the_length_of_the_text(watched, run):
    """The run is one chunk, which stays whole, and then chunks of the longest size that is cut."""
    tokenizer, read = watched
    read.clear()
    whole = (run * CHARACTERS)[:CHARACTERS]
    assert [token.text for token in tokenizer(whole)] == [whole]
    assert not read
    parts = [whole[:size] for size in range(LONGEST_CHUNK - 2, LONGEST_CHUNK + 1)]
    text = " ".join(parts)
    tokenizer(text)
    assert sum(read) <= 2 * LONGEST_CHUNK * len(text)


def test_the_stock_tokenizer_does_not_pass_that_test():
    stock = spacy.blank("en").tokenizer
    read = read_characters(stock)
    stock("!" * CHARACTERS)
    assert sum(read) > 2 * LONGEST_CHUNK * CHARACTERS


LONG = "!" * (LONGEST_CHUNK + 1)


@pytest.mark.parametrize(
    "text",
    [
        f"They can't {LONG} go.",
        f"{LONG} first",
        f"last {LONG}",
        f"{LONG} {LONG}x",
        f" {LONG}  two spaces",
        f"a\n{LONG}\nline",
    ],
)
def test_a_long_chunk_is_one_token_and_the_others_are_as_ever(tokenizer, text):
    doc = tokenizer(text)
    assert doc.text == text
    chunks = [chunk for chunk in text.split() if chunk.startswith(LONG)]
    assert [token.text for token in doc if token.text.startswith("!")] == chunks
    short = tokenizer(text.replace(LONG, "word"))
    theirs = [(t.text, t.whitespace_, t.norm_) for t in short]
    mine = [(t.text, t.whitespace_, t.norm_) for t in doc]
    assert [tuple(field.replace(LONG, "word") for field in row) for row in mine] == theirs


def test_a_long_chunk_is_no_word(nlp):
    line = f"They can't {LONG} go."
    tagger = SpacyTagger(nlp)
    (keys,) = tagger.keys([line])
    assert [chunk for chunk, _ in keys] == line.split(" ")
    assert tagger.tokens(keys[2]) == (LONG, [])
    forms = ["They", "ca", "n't", "go", "."]
    assert [[form for form, _ in sentence] for sentence in tag_sentences(nlp, [line])] == [forms]
