"""A classifier as a filter: texts in, probabilities out, one JSON line each.

    echo '["a fine film", "a dull film"]' | python -m fairseq_cline.evaluation.probabilities \\
        checkpoints/checkpoint_best.pt --data data-bin

The first line printed is the list of the labels. Then each line of the input, a list of texts (or
of pairs, `[["premise", "hypothesis"], ...]`), is answered at once with a list of one list of
probabilities for each, in the order of the labels. `{"gradient": "a fine film"}` (or a pair) is
answered with `{"tokens": [...], "gradient": [[...], ...]}`, the tokens that the model reads and the
gradient at the embedding of each. The filter ends with its input. So a program that must not load
fairseq can ask a model questions, one after the other.
"""

import json
import sys
from collections.abc import Sequence

from data_prep.errors import InputError
from data_prep.files.command_line import command, command_parser
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.classifiers.classifier import Classifier, load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.evaluation.classifiers.token_gradients import token_gradients


def parse(line: str, number: int) -> list[str | Sequence[str]] | dict[str, str | Sequence[str]]:
    """The texts or pairs of a line of the input; or the one whose gradient is asked for.

    Raises:
        InputError: it is something else.
    """
    try:
        question = json.loads(line)
    except ValueError as error:
        raise InputError(
            f"standard input, line {number}: not JSON ({error}); write a list of texts"
        ) from error
    one = isinstance(question, dict) and [*question] == ["gradient"]
    texts = [*question.values()] if one else question
    parts = texts if isinstance(texts, list) else [None]
    parts = [part for text in parts for part in (text if isinstance(text, list) else [text])]
    if not all(isinstance(part, str) for part in parts):
        raise InputError(
            f"standard input, line {number}: neither a list of texts nor of pairs of texts; "
            "write one such list a line"
        )
    return question


def answer(classifier: Classifier, question: list | dict) -> list | dict:
    """The answer to a line of the input, as JSON has it."""
    if isinstance(question, list):
        return classifier.probabilities(question).tolist()
    tokens, gradient = token_gradients(classifier, question["gradient"])
    return {"tokens": tokens, "gradient": gradient.tolist()}


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("checkpoint", help="of --task sentence_prediction")
    parser.add_argument("--data", required=True, metavar="DATABIN", help="that of its training")
    parser.add_argument("--cpu", action="store_true", help="do not use a GPU")
    args = commands.parse(parser, argv)
    data = open_databin(args.data)
    if not data.labels:
        raise InputError(f"--data {args.data}: its labels are numbers, so there are no classes")
    classifier = load_classifier(args.checkpoint, data, "classifier", commands.device(args.cpu))
    print(json.dumps(data.labels), flush=True)
    for number, line in enumerate(sys.stdin, 1):
        print(json.dumps(answer(classifier, parse(line, number))), flush=True)


if __name__ == "__main__":
    main()
