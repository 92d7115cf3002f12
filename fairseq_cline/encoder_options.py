"""Options of fairseq-train for fine-tuning that follow from an encoder: how it reads a text or a pair.

    python -m fairseq_cline.encoder_options minilm
    fairseq-train DATA-BIN --task sentence_prediction --arch bert \\
        --finetune-from-model minilm/model.pt $(python -m fairseq_cline.encoder_options minilm) ...

Sizes need no options: --arch bert finds them in the checkpoint. What it cannot find are options of
the task: how many tokens a text may have, and what stands before a text (<s>) and between the two of
a pair (RoBERTa: another </s>, BERT: nothing). The recipes in run/ ask for them in this way.
"""

from collections.abc import Sequence

import fairseq_cline.plugin  # noqa: F401 - registers what a checkpoint may name
from data_prep.files.command_line import command, command_parser
from fairseq_cline.model_bases.encoder_files import encoder_options_of
from fairseq_cline.model_bases.encoder_switches import leading_tokens
from fairseq_cline.pretrained.model_paths import find_checkpoint


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("model", metavar="MODEL", help="checkpoint, or a folder with a model.pt")
    options = encoder_options_of(find_checkpoint(parser.parse_args(argv).model))
    found = {"max_positions": options["max_positions"], **leading_tokens(options["hub_type"])}
    print(
        *(
            f"--{name.replace('_', '-')} {value}"
            for name, value in found.items()
            if value is not None
        )
    )


if __name__ == "__main__":
    main()
