"""Writes the plain RoBERTa inside a checkpoint of CLINE or DCL.

    python -m fairseq_cline.export checkpoint_best.pt roberta.pt

The result holds the encoder and the vocabulary projection as tensors and everything else as plain
values, so that stock fairseq loads it without this plug-in, also under `weights_only=True`:

    RobertaModel.from_pretrained("folder", "roberta.pt", "data-bin", bpe=...)
    fairseq-train ... --arch roberta_base --restore-file roberta.pt
"""

import os
import sys
from collections.abc import Sequence

import torch
from fairseq import checkpoint_utils

import fairseq_cline.plugin  # noqa: F401 - registers what a checkpoint may name
from data_prep.files.command_line import command, command_parser
from data_prep.files.outputs import check_output
from data_prep.files.whole import whole_file
from fairseq_cline.pretrained.plain_roberta import plain_roberta


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("checkpoint", help="checkpoint of CLINE or DCL pre-training")
    parser.add_argument("output", help="file to write; one that exists is replaced")
    args = parser.parse_args(argv)
    check_output(args.output, [args.checkpoint])
    state = checkpoint_utils.load_checkpoint_to_cpu(args.checkpoint)
    exported = plain_roberta(args.checkpoint, state)
    with whole_file(args.output) as temporary:
        torch.save(exported, temporary)
    size = os.path.getsize(args.output) / 1e6
    print(f"{args.output}: {len(exported['model'])} tensors, {size:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
