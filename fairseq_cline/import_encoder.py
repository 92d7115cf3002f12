"""Makes a checkpoint of fairseq of a pre-trained Hugging Face model.

    python -m fairseq_cline.import_encoder all-MiniLM-L6-v2 --destdir minilm

Reads config.json, model.safetensors (or pytorch_model.bin, without running code of it) and
tokenizer.json of a BERT, RoBERTa, XLM-R, DistilBERT or ALBERT; writes model.pt, dict.txt and the
tokenizer. Training then finds all sizes by itself:

    fairseq-train DATA-BIN --arch cline_bert --finetune-from-model minilm/model.pt ...
"""

import os
from collections.abc import Sequence

import fairseq_cline.plugin  # noqa: F401 - registers the models
from data_prep.files.command_line import command, command_parser
from data_prep.files.whole import DESTDIR_HELP
from fairseq_cline.pretrained.imported_encoder import import_encoder
from fairseq_cline.pretrained.model_paths import MODEL_FILE


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("folder", help="folder of the Hugging Face model")
    parser.add_argument("--destdir", required=True, help=DESTDIR_HELP)
    args = parser.parse_args(argv)
    made = import_encoder(args.folder, args.destdir)
    print(
        f"{made.kind}: {made.layers} layers x {made.channels} channels, "
        f"{made.parameters:,} parameters, {made.vocabulary:,} tokens, read by {made.feature}"
    )
    for note in made.notes:
        print(note)
    model = os.path.join(args.destdir, MODEL_FILE)
    print(
        f"Next: python -m data_prep.make_triplets --tokenizer {args.destdir} ...\n"
        f"      fairseq-train ... --arch cline_bert --finetune-from-model {model}"
    )


if __name__ == "__main__":
    main()
