"""Synonyms in a text: which words are replaced, by what, and that a seed fixes all of it."""

import pytest

from data_prep.english.substitutes import CONTENT_TAGS, find_substitutes
from data_prep.english.synonym_replacement import write_synonyms
from data_prep.english.taggers import SpacyTagger, load_tagger_model
from data_prep.errors import InputError


@pytest.fixture(scope="module")
def sentences(glosses, tmp_path_factory):
    """300 lines, some of them with odd white space or no words."""
    lines = [line for document in glosses for line in document][:298]
    path = tmp_path_factory.mktemp("synonyms") / "test.en"
    path.write_text("\n".join([*lines, "", "two  spaces\tof BIG dogs"]) + "\n", encoding="utf-8")
    return path


def lines_of(path):
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def rewritten(sentences, tmp_path, share, seed=1):
    write_synonyms(sentences, tmp_path / "out.en", share=share, seed=seed)
    return lines_of(tmp_path / "out.en")


def test_only_content_words_change_and_only_to_their_synonyms(sentences, tmp_path):
    report = str(write_synonyms(sentences, tmp_path / "out.en", share=1.0, seed=1))
    found = lines_of(tmp_path / "out.en")
    lines = [" ".join(line.split()) for line in lines_of(sentences)]
    assert len(found) == len(lines) and found[-2] == ""
    tagger = SpacyTagger(load_tagger_model())
    words = replaced = 0
    for keys, line in zip(tagger.keys(lines), found, strict=True):
        chunks = line.split(" ")
        assert len(chunks) == len(keys)
        for key, chunk in zip(keys, chunks, strict=True):
            original, tokens = tagger.tokens(key)
            words += sum(any(c.isalnum() for c in form) for form, _, _ in tokens)
            if chunk == original:
                continue
            replaced += 1
            assert any(
                tag in CONTENT_TAGS
                and chunk.lower()
                == (original[:offset] + synonym + original[offset + len(form) :]).lower()
                for form, offset, tag in tokens
                for synonym in getattr(find_substitutes(form.lower(), tag), "synonyms", ())
            )
    assert replaced > 0.04 * words
    assert f"{replaced:,} of {words:,} words replaced ({replaced / words:.1%}): " in report
    assert found[-1].split()[3].isupper()  # "BIG"


def test_the_share_is_met_and_the_seed_fixes_the_words(sentences, tmp_path):
    first = rewritten(sentences, tmp_path, 0.02)
    assert first == rewritten(sentences, tmp_path, 0.02)
    assert first != rewritten(sentences, tmp_path, 0.02, seed=2)
    before = [" ".join(line.split()) for line in lines_of(sentences)]
    chunks = [
        (a, b)
        for line, other in zip(before, first, strict=True)
        for a, b in zip(line.split(" "), other.split(" "), strict=True)
    ]
    assert sum(a != b for a, b in chunks) / len(chunks) == pytest.approx(0.02, abs=0.005)


@pytest.mark.parametrize(
    ("content", "share", "message"),
    [
        (b"a big dog\n", 0.0, "--share 0: must be above 0"),
        (b"\n\n", 0.1, "no text in it"),
        (None, 0.1, "text.en: cannot be read"),
        (b"\xff\n", 0.1, "not UTF-8"),
    ],
)
def test_bad_input_is_named_and_leaves_nothing(tmp_path, content, share, message):
    source = tmp_path / "text.en"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(InputError, match=message):
        write_synonyms(source, tmp_path / "out.en", share=share, seed=1)
    assert not list(tmp_path.glob("out*"))


def test_the_text_is_not_overwritten(tmp_path):
    source = tmp_path / "text.en"
    source.write_text("a big dog\n")
    with pytest.raises(InputError, match="text.en: is read by this command; give another file"):
        write_synonyms(source, source, share=0.1, seed=1)
    assert source.read_text() == "a big dog\n"
