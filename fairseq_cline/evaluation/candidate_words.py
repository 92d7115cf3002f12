"""The words that ATCL may perturb (the mask V_R of its section 3), and why the others are none.

    python -m fairseq_cline.evaluation.candidate_words data-bin/dict.txt

Writes a Markdown table of the kinds of symbols: how many, their share of the running tokens of the
training text (by the counts in dict.txt; without </s>), and the most frequent ones.
"""

import os
from collections.abc import Sequence

from data_prep.files.command_line import command, command_parser
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.evaluation.command_line import add_skip_verification
from fairseq_cline.evaluation.language_models.word_kinds import by_kind, table


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("dictionary", metavar="DICT.TXT", help="dictionary of a data-bin")
    parser.add_argument("--all", action="store_true", help="print all words, one a line, instead")
    add_skip_verification(parser, "the data-bin")
    args = parser.parse_args(argv)
    folder, name = os.path.split(args.dictionary)
    databin = DatabinFolder(folder or ".", None, verify=not args.skip_verification)
    dictionary = databin.dictionary(name, "give the dict.txt of a data-bin")
    if args.all:
        for index in by_kind(dictionary).get("word", []):
            print(dictionary[index])
    else:
        print(table(dictionary))


if __name__ == "__main__":
    main()
