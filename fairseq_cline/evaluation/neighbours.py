"""The closest words of a word, by Euclidean distance of the input embeddings, for several models.

ATCL (Rim et al., 2021), Table 3. Only complete words of the dictionary count as neighbors (the
mask of ATCL). Writes a Markdown table. Example:

    python -m fairseq_cline.evaluation.neighbours baseline=base.pt atcl=atcl.pt \\
        --data data-bin --words friend hate like

Letters: C channels, V symbols of the dictionary, Q words asked for.
"""

from collections.abc import Sequence

import torch
from fairseq.data import Dictionary
from torch import Tensor

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.command_line import escaped
from fairseq_cline.evaluation.language_models import language_model as language_models
from fairseq_cline.evaluation.language_models.language_model import LanguageModel
from fairseq_cline.evaluation.language_models.options import add_language_models, write_lm_report

_PIECE = "▁"  # SentencePiece: begins a word


def word_ids(words: list[str], dictionary: Dictionary) -> list[int]:
    """Raises InputError: some words are no symbols of the dictionary, alone or begun by a ▁."""
    ids = {}
    for word in words:
        found = (dictionary.index(symbol) for symbol in (word, _PIECE + word))
        ids[word] = next((i for i in found if i != dictionary.unk()), None)
    missing = [word for word, index in ids.items() if index is None]
    if missing:
        raise InputError(f"--words {' '.join(missing)}: not in dict.txt; give words that are")
    return list(ids.values())


def embeddings(language_model: LanguageModel) -> Tensor:
    """(V, C): what the embedding layer returns for each symbol."""
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


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add_language_models(parser)
    parser.add_argument("--words", nargs="+", required=True, help="of the dictionary")
    parser.add_argument("--top", type=int, default=4, help="neighbors of each (default: 4)")
    args = commands.parse(parser, argv)
    commands.check_outputs(json=args.json)
    models = language_models.load(args.checkpoints, args.data)
    dictionary = models[0].task.dictionary
    queries = word_ids(args.words, dictionary)
    words = CandidateWords(dictionary)
    if not 0 < args.top < words.count:
        raise InputError(
            f"--top {args.top}: must be 1 or more, and less than the {words.count:,} complete "
            "words of dict.txt"
        )
    found = {}
    for model in models:
        distances, ids = nearest(
            embeddings(model), queries, torch.from_numpy(words.is_word), args.top
        )
        found[model.name] = [
            {dictionary[i].removeprefix(_PIECE): d for i, d in zip(*row, strict=True)}
            for row in zip(ids.tolist(), distances.tolist(), strict=True)
        ]
    print("| word | " + " | ".join(found) + " |\n" + "|---" * (len(found) + 1) + "|")
    for word, *columns in zip(args.words, *found.values(), strict=True):
        cells = [f"**{escaped(word)}**", *(escaped(", ".join(column)) for column in columns)]
        print("| " + " | ".join(cells) + " |")
    if args.json:
        checkpoints = [
            {
                "name": model.name,
                "sha256": model.sha256,
                "distances": dict(zip(args.words, found[model.name], strict=True)),
            }
            for model in models
        ]
        write_lm_report(args.json, "neighbours", args.data, {"checkpoints": checkpoints})


if __name__ == "__main__":
    main()
