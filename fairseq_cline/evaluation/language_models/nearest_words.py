"""The closest words of a word, by Euclidean distance of the input embeddings.

ATCL (Rim et al., 2021), Table 3. Letters: C channels, V symbols of the dictionary, Q words asked
for.
"""

from collections.abc import Mapping, Sequence

import torch
from fairseq.data import Dictionary
from torch import Tensor

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import WORD_START
from data_prep.files.name_lists import listed
from data_prep.files.text_tables import markdown
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation.command_line import escaped
from fairseq_cline.evaluation.language_models.language_model import LanguageModel

Distances = dict[str, float]
"""Neighbor -> distance, the closest first."""


def nearest_words(
    models: Sequence[LanguageModel], words: Sequence[str], top: int = 4
) -> dict[str, dict[str, Distances]]:
    """Name of a model -> word -> its closest words; only complete words count.

    Raises:
        InputError: a word is not in the dictionary, or it has fewer than ``top`` others.
    """
    words = [*dict.fromkeys(words)]
    dictionary = models[0].task.dictionary
    queries = word_ids(words, dictionary)
    complete = CandidateWords(dictionary)
    if not 0 < top < complete.count:
        raise InputError(
            f"--top {top}: must be 1 or more, and less than the {complete.count:,} complete "
            "words of dict.txt"
        )
    is_word = torch.from_numpy(complete.is_word)
    found = {}
    for model in models:
        distances, ids = nearest(embeddings(model), queries, is_word, top)
        columns = [
            {dictionary[i].removeprefix(WORD_START): d for i, d in zip(*row, strict=True)}
            for row in zip(ids.tolist(), distances.tolist(), strict=True)
        ]
        found[model.name] = dict(zip(words, columns, strict=True))
    return found


def word_ids(words: Sequence[str], dictionary: Dictionary) -> list[int]:
    """The symbols of words, which SentencePiece begins with a mark.

    Raises:
        InputError: some are not in the dictionary.
    """
    ids = {}
    for word in words:
        found = (dictionary.index(symbol) for symbol in (word, WORD_START + word))
        ids[word] = next((i for i in found if i != dictionary.unk()), None)
    missing = [word for word, index in ids.items() if index is None]
    if missing:
        raise InputError(f"--words {listed(missing)}: not in dict.txt; give words that are")
    return list(ids.values())


def embeddings(language_model: LanguageModel) -> Tensor:
    """The output of the embedding layer for each symbol: (V, C)."""
    symbols = torch.arange(len(language_model.task.dictionary))
    with torch.no_grad():
        return language_model.embedding_layer(symbols)


def nearest(table: Tensor, queries: list[int], is_word: Tensor, top: int) -> tuple[Tensor, Tensor]:
    """Euclidean distances and ids (Q, top) of the closest words, the closest first.

    Args:
        table: (V, C) embeddings.
        queries: Q ids, which are not their own neighbors.
        is_word: (V,) which symbols may be neighbors.
    """
    distances = torch.cdist(
        table[queries], table, compute_mode="donot_use_mm_for_euclid_dist"
    )  # (Q, V)
    distances[:, ~is_word] = torch.inf
    distances[range(len(queries)), queries] = torch.inf
    return distances.topk(top, largest=False)


def table(found: Mapping[str, Mapping[str, Distances]]) -> str:
    """Markdown: a row for each word, a column for each model."""
    words = [*next(iter(found.values()))]
    rows = [
        [f"**{escaped(word)}**", *(escaped(", ".join(columns[word])) for columns in found.values())]
        for word in words
    ]
    return markdown(["word", *found], rows)
