"""Takes the encoder of a checkpoint home: to stock fairseq, Hugging Face or sentence-transformers.

    python -m fairseq_cline.export checkpoint_best.pt --destdir plain
    python -m fairseq_cline.export checkpoint_best.pt --destdir hub --format huggingface
    python -m fairseq_cline.export checkpoint_best.pt --destdir vectors \\
        --format sentence-transformers --data data-bin --report hits.json --license apache-2.0

fairseq: model.pt of a plain RoBERTa, dict.txt and the tokenizer, which stock fairseq reads without
this plug-in, also under `weights_only=True`: RobertaModel.from_pretrained("plain", "model.pt",
"plain", bpe=...), or fairseq-train ... --arch roberta_base --restore-file plain/model.pt.

huggingface: what AutoModelForSequenceClassification loads if the checkpoint has a head for classes,
else AutoModelForMaskedLM (AutoModel, if nothing has trained that head); with the tokenizer and a
card. sentence-transformers: the encoder, and how its vectors are read.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from data_prep.fairseq_format.dictionaries import load_dictionary
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from data_prep.files.whole import DESTDIR_HELP, check_new, new_folder
from data_prep.tokenizers.tokenizer_folders import DICT, FILES
from fairseq_cline.compat.license_files import CARD, licenses_of
from fairseq_cline.evaluation.encoders.stored_models import stored_state
from fairseq_cline.evaluation.reports.provenance import provenance
from fairseq_cline.evaluation.reports.result_files import damage_named, read_results
from fairseq_cline.evaluation.reports.statistics import seeds_table, summarize
from fairseq_cline.pretrained.exported_encoder import export_encoder
from fairseq_cline.pretrained.model_card import (
    Origin,
    check_license,
    data_facts,
    license_in,
    training_facts,
)
from fairseq_cline.pretrained.model_paths import MODEL_FILE, find_model
from fairseq_cline.pretrained.plain_roberta import plain_roberta

FORMATS = ("fairseq", "huggingface", "sentence-transformers")


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    add("checkpoint", help="checkpoint of a RoBERTa-like model, or a folder with a model.pt")
    add("--destdir", required=True, help=DESTDIR_HELP)
    add("--format", choices=FORMATS, default=FORMATS[0], help="default: fairseq")
    add("--tokenizer", metavar="FOLDER", help="of the model (default: that beside the checkpoint)")
    add("--sentence-feature", choices=("cls", "mean"), help="how sentence-transformers reads a text "
        "(default: as the model was trained)")  # fmt: skip
    add("--data", metavar="FOLDER", help="data-bin of the training: for the card, and its labels")
    add("--report", metavar="FILE", action="append", default=[], help="JSON of an evaluation, for "
        "the card; may be given again")  # fmt: skip
    add("--license", help="of the model, for the card, as apache-2.0 (default: what the README of "
        "its encoder says, if that is a common one)")  # fmt: skip
    args = parser.parse_args(argv)
    check_new(args.destdir)
    if args.license is not None:
        check_license(args.license)
    results, data = [*map(_results, args.report)], data_facts(args.data)
    found = find_model(args.checkpoint, args.tokenizer)
    state = stored_state(found.checkpoint, load_checkpoint_heads=True)
    licenses = licenses_of(found.checkpoint)
    readme = licenses.pop(CARD, b"")
    if args.format == FORMATS[0]:
        dictionary = load_dictionary(os.path.join(found.tokenizer, DICT))
        exported, left_out = plain_roberta(found.checkpoint, state, dictionary)
        with new_folder(args.destdir) as folder:
            torch.save(exported, folder / MODEL_FILE)
            for name in FILES:
                if os.path.isfile(os.path.join(found.tokenizer, name)):
                    shutil.copyfile(os.path.join(found.tokenizer, name), folder / name)
            for name, content in licenses.items():
                (folder / name).write_bytes(content)
    else:
        origin = Origin(
            name=os.path.basename(os.path.realpath(args.destdir)),
            training=training_facts(state, file_sha256(found.checkpoint)),
            data=data,
            results=results,
            provenance={key: provenance()[key] for key in ("command", "commit", "date")},
            license=args.license or license_in(readme),
        )
        left_out = export_encoder(
            found.checkpoint,
            state,
            found.tokenizer,
            args.destdir,
            for_sentences=args.format == FORMATS[2],
            feature=args.sentence_feature,
            labels_of=args.data,
            origin=origin,
            licenses=licenses,
        )
    for part in left_out:
        print(f"left out: {part}", file=sys.stderr)
    size = sum(path.stat().st_size for path in Path(args.destdir).rglob("*")) / 1e6
    print(f"{args.destdir}: {args.format}, {size:.1f} MB", file=sys.stderr)


def _results(path: str) -> str:
    """The table of a report, in Markdown, under its title."""
    results = read_results([path])
    with damage_named(path):
        (report,) = results.reports
        title = f"### {results.kind.title}\n\n{results.kind.sample(report)}. {results.kind.meaning}"
        return f"{title}\n\n{seeds_table(summarize(results), 1, results.kind.decimals)}"


if __name__ == "__main__":
    main()
