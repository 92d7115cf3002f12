"""Antonyms of the words of a fairseq dictionary, in a file beside it.

The file ``antonyms.txt`` beside ``dict.txt`` (``antonyms.en.txt`` beside ``dict.en.txt``) names the
dictionary by its SHA-256 in the first line.
Each line after it is ``ID<TAB>ID ID ...``: a symbol's index in the dictionary (fairseq's four
special symbols included) and those of its antonyms, ascending. Training reads that file and needs
no WordNet.

A symbol has no context, so it stands for every content word that it can be ("increased": past tense
and participle). Its antonyms have the same inflection and letter case, and are in the dictionary.
In a SentencePiece dictionary only pieces that begin with "▁" are words.
"""

from __future__ import annotations

from pathlib import Path

from fairseq.data import Dictionary

from data_prep.english import wordnet
from data_prep.english.substitutes import (
    CONTENT_TAGS,
    find_substitutes,
    inflect,
    lemma_of,
    match_case,
)
from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import WORD_START, has_word_marks, load_dictionary
from data_prep.files.checksums import file_sha256
from data_prep.files.manifests import MANIFEST, REMEDY, read_manifest, renew_entry
from data_prep.files.progress import Bar
from data_prep.files.whole import write_text

_EXAMPLES = 8
# Least count of a part of speech, as a share of that of the word's most frequent one: "said" is
# hardly ever an adjective (opposite of "other"), nor "world" (of "national").
MIN_SHARE = 0.3
# WordNet knows them as adverbs ("up" and "down") and as adjectives of special uses ("out", in
# baseball, is the opposite of "safe"); most often they are neither.
_PARTICLES = frozenset(
    ("about", "by", "down", "in", "off", "on", "out", "over", "through", "under", "up")
)


def _readings(word: str) -> dict[tuple[str, str], list[str]]:
    """The antonyms of a word, by (lemma, part of speech) of every content word that it can be."""
    readings: dict[tuple[str, str], list[str]] = {}
    for tag, pos in CONTENT_TAGS.items():
        found = None if pos == "a" and word in _PARTICLES else find_substitutes(word, tag)
        lemma = lemma_of(word, tag) if found else None
        if found and lemma and inflect(lemma, tag) == word:
            readings.setdefault((lemma, pos), []).extend(found.antonyms)
    return readings


def antonyms_of(word: str) -> list[str]:
    """The antonyms of a word without context, in its letter case."""
    readings = _readings(word.lower())
    if not any(readings.values()):
        return []
    most = max(wordnet.uses(*reading) for reading in readings)
    found = dict.fromkeys(
        antonym
        for reading, antonyms in readings.items()
        if wordnet.uses(*reading) >= MIN_SHARE * most
        for antonym in antonyms
    )
    cased = (match_case(word, antonym) for antonym in found)
    return [antonym for antonym in cased if antonym]


def dictionary_antonyms(dictionary: Dictionary) -> dict[int, list[int]]:
    """The indices of the antonyms, ascending, by that of their symbol; others are left out."""
    symbols = dictionary.symbols[dictionary.nspecial :]
    start = WORD_START if has_word_marks(dictionary) else ""
    antonyms: dict[int, list[int]] = {}
    for index, symbol in enumerate(Bar(symbols, "antonyms", unit="word"), dictionary.nspecial):
        word = symbol.removeprefix(start)
        if symbol.startswith(start) and word.isalpha():
            others = (start + antonym for antonym in antonyms_of(word))
            found = {dictionary.indices[other] for other in others if other in dictionary}
            if found:
                antonyms[index] = sorted(found)
    return antonyms


def antonym_file(dictionary: Path) -> Path:
    """The path of the antonyms of a dictionary: ``antonyms.en.txt`` beside ``dict.en.txt``.

    Raises:
        InputError: the name does not say that this is a dictionary.
    """
    if not dictionary.name.startswith("dict."):
        raise InputError(f"{dictionary}: not named dict.txt or dict.LANGUAGE.txt; give such a file")
    return dictionary.with_name(dictionary.name.replace("dict", "antonyms", 1))


def write_antonyms(path: Path) -> str:
    """Writes the antonyms beside the dictionary at ``path``; returns a line that describes them.

    The manifest of the data-bin, if there is one, learns of the file.

    Raises:
        InputError: ``path`` is not a fairseq dictionary, or not that of the manifest beside it.
        ResourceError: WordNet is not installed.
    """
    file = antonym_file(path)
    manifest = read_manifest(path.parent)
    dictionary = load_dictionary(path)
    sha256 = file_sha256(path)
    entry = manifest.files.get(path.name) if manifest else None
    if entry and entry.sha256 != sha256:
        raise InputError(f"{path}: not the dictionary that {MANIFEST} has beside it; {REMEDY}")
    antonyms = dictionary_antonyms(dictionary)
    lines = [f"# {path.name} sha256 {sha256}"]
    lines += [f"{index}\t{' '.join(map(str, others))}" for index, others in antonyms.items()]
    write_text(file, "\n".join(lines) + "\n")
    if manifest is not None:
        renew_entry(manifest, file.name)
    shown = [
        f"{dictionary[index]} -> {', '.join(dictionary[other] for other in others)}"
        for index, others in list(antonyms.items())[:_EXAMPLES]
    ]
    have = f"{len(antonyms):,} of {len(dictionary):,} symbols have antonyms"
    return f"{have}: {'; '.join(shown)}" if shown else have
