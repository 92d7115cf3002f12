"""The words that ATCL may perturb (the mask V_R of its section 3), and why the others are none.

    python -m fairseq_cline.evaluation.candidate_words data-bin/dict.txt

Writes a Markdown table of the kinds of symbols: how many, their share of the running tokens of the
training text (by the counts in dict.txt; without </s>), and the most frequent ones.
"""

from collections import defaultdict
from collections.abc import Sequence

from fairseq.data import Dictionary

from data_prep.files.command_line import command, command_parser
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation.command_line import escaped
from fairseq_cline.evaluation.language_models.language_model import load_dictionary

_EXAMPLES = 8


def by_kind(dictionary: Dictionary) -> dict[str, list[int]]:
    """Kind -> its symbols, the most frequent first; words come first, then the largest kinds."""
    words = CandidateWords(dictionary)
    kinds = defaultdict(list)
    for index, symbol in enumerate(dictionary.symbols):
        kinds[words.kind(symbol)].append(index)
    for members in kinds.values():
        members.sort(key=lambda index: -dictionary.count[index])
    return dict(sorted(kinds.items(), key=lambda item: (item[0] != "word", -len(item[1]))))


def table(dictionary: Dictionary) -> str:
    """Markdown: one row a kind."""
    # The specials are not counted in dict.txt. Every other symbol once, at most: no counts at all.
    counts = [0] * dictionary.nspecial + dictionary.count[dictionary.nspecial :]
    tokens = sum(counts) if max(counts) > 1 else 0
    lines = ["| kind | symbols | share of tokens | examples |", "|---|---|---|---|"]
    for kind, members in by_kind(dictionary).items():
        share = f"{sum(counts[index] for index in members) / tokens:.1%}" if tokens else "-"
        examples = " ".join(escaped(dictionary[index]) for index in members[:_EXAMPLES])
        name = "**word**" if kind == "word" else kind
        lines.append(f"| {name} | {len(members):,} | {share} | {examples} |")
    return "\n".join(lines)


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("dictionary", metavar="DICT.TXT", help="of a data-bin")
    parser.add_argument("--all", action="store_true", help="print all words, one a line, instead")
    args = parser.parse_args(argv)
    dictionary = load_dictionary(args.dictionary)
    if args.all:
        for index in by_kind(dictionary).get("word", []):
            print(dictionary[index])
    else:
        print(table(dictionary))


if __name__ == "__main__":
    main()
