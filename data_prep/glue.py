"""Data-bin of a task of GLUE (Wang et al. 2019), for ``--task sentence_prediction``.

Example::

    python -m data_prep.glue --task CoLA --destdir data-bin/glue/CoLA \\
        --tokenizer spm

It downloads the benchmark's archive, or takes your own copy, the folder of train.tsv and dev.tsv
(MNLI: dev_matched.tsv and dev_mismatched.tsv; MRPC also msr_paraphrase_train.txt and
mrpc_dev_ids.tsv, of which GLUE makes them).

The labels of GLUE's test sets are secret, so papers report the development set: it is the split
``valid`` (MNLI: matched ``valid``, mismatched ``valid1``), and there is no ``test``. STS-B is a
regression; its scores are divided by 5, as in fairseq's example.
"""

from __future__ import annotations

from collections.abc import Sequence

from data_prep.classification.datasets.glue_tasks import REGRESSION, TASKS, published_task
from data_prep.classification.datasets.published import build_published
from data_prep.classification.options import add_options, chosen_options
from data_prep.files.command_line import command, command_parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument(
        "--task", choices=TASKS, required=True, help="task of GLUE, as its site has it"
    )
    add_options(parser)
    arguments = parser.parse_args(argv)
    report = build_published(
        published_task(arguments.task),
        raw_dir=arguments.raw_dir,
        destdir=arguments.destdir,
        options=chosen_options(arguments, regression=arguments.task == REGRESSION),
    )
    print(report)


if __name__ == "__main__":
    main()
