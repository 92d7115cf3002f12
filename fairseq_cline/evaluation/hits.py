"""Hits: is a sentence closer to its synonym version than to its antonym version?

CLINE, section 4.6 and Table 7. Example, with a data-bin of `python -m data_prep.make_triplets`:

    python -m fairseq_cline.evaluation.hits before=roberta.pt after=checkpoints/checkpoint_best.pt \\
        --data data-bin --split test --json hits.json --plot hits.png

Closer by the cosine of [CLS], by that of the mean of all tokens, or by BERTScore. The triplets of
that section, which differ in one word, are made of any text:

    python -m fairseq_cline.evaluation.hits roberta.pt --text mr.txt --one-word \\
        --gpt2-encoder-json encoder.json --gpt2-vocab-bpe vocab.bpe --dict dict.txt
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.command_line import command, command_parser
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.evaluation import command_line as commands
from fairseq_cline.evaluation.encoders import metrics
from fairseq_cline.evaluation.encoders.triplet_scores import (
    evaluate,
    load_model,
    open_databin,
    unmasked_triplets,
)
from fairseq_cline.evaluation.reports.report_file import write_report

MEASURES = {"cls": "[CLS]", "mean": "mean", "bert_score": "BERTScore"}


@dataclass(frozen=True)
class HitsResult:
    """What one checkpoint reaches on one split; shares in percent."""

    name: str
    sha256: str
    triplets: int
    truncated: int  # triplets cut at a word boundary, to fit the model's positions
    cls: list[float]  # Hits of [CLS] for each layer, 0 = embeddings
    mean: list[float]  # Hits of the mean of all tokens, likewise
    bert_score: list[float]  # Hits of BERTScore, likewise
    contrastive_accuracy: float
    rtd: dict[str, float] | None  # precision, recall, F1; None if the model has no such head

    def best_layer(self, measure: str) -> int:
        """The layer with the highest Hits, embeddings excluded as in the paper."""
        values = getattr(self, measure)
        return max(range(1, len(values)), key=values.__getitem__)

    def standard_error(self, percent: float) -> float:
        return 100.0 * metrics.standard_error(percent / 100.0, self.triplets)


def hits(name: str, path: str, databin: DataBin, args: argparse.Namespace) -> HitsResult:
    """Evaluate one checkpoint on `args.split` of a data-bin."""
    model = load_model(path, databin.dictionary)
    dataset = unmasked_triplets(databin, args.split, model.max_positions())
    counts = evaluate(model, dataset, args.max_tokens, commands.device(args.cpu))
    rtd = None
    if "rtd" in counts:
        scores = metrics.precision_recall_f1(*counts["rtd"].tolist())
        rtd = dict(zip(("precision", "recall", "f1"), (100.0 * s for s in scores), strict=True))
    n = len(dataset)
    return HitsResult(
        name=name,
        sha256=file_sha256(path),
        triplets=n,
        truncated=dataset.truncated,
        contrastive_accuracy=100.0 * counts["contrastive"].item() / n,
        rtd=rtd,
        **{
            measure: [100.0 * count / n for count in counts[measure].tolist()]
            for measure in MEASURES
        },
    )


def table(results: list[HitsResult]) -> str:
    """Hits of each layer, the best ones marked with a star, and one line a checkpoint below."""
    width = max(len("checkpoint"), *(len(result.name) for result in results))
    columns = "  ".join(f"{title:>13}" for title in MEASURES.values())
    lines = [f"{'checkpoint':{width}}  layer  {columns}"]
    for result in results:
        for layer in range(len(result.cls)):
            cells = []
            for measure in MEASURES:
                percent = getattr(result, measure)[layer]
                star = "*" if layer == result.best_layer(measure) else " "
                cells.append(f"{percent:5.1f} ± {result.standard_error(percent):3.1f}{star}")
            row = "  ".join(f"{cell:>13}" for cell in cells)
            lines.append(f"{result.name:{width}}  {layer:5}  {row}".rstrip())
    lines += ["", f"{'checkpoint':{width}}  contrastive accuracy  RTD precision  recall     F1"]
    for result in results:
        accuracy = result.contrastive_accuracy
        cell = f"{accuracy:5.1f} ± {result.standard_error(accuracy):3.1f}"
        rtd = result.rtd or {}
        scores = [f"{rtd[key]:.1f}" if rtd else "-" for key in ("precision", "recall", "f1")]
        lines.append(
            f"{result.name:{width}}  {cell:>20}  {scores[0]:>13}  {scores[1]:>6}  {scores[2]:>5}"
        )
    return "\n".join(lines)


def write_json(
    path: str,
    results: list[HitsResult],
    databin: DataBin,
    source: dict[str, Any],
    args: argparse.Namespace,
) -> None:
    """Everything in the table, and what it was computed from."""
    report = {
        "arguments": {name: _without_folders(value) for name, value in vars(args).items()},
        **source,
        "split": databin.manifest["splits"][args.split],
        "checkpoints": [asdict(result) | {"best": _best(result)} for result in results],
    }
    write_report(path, "hits", report)


def _best(result: HitsResult) -> dict[str, dict[str, float]]:
    best = {}
    for measure in MEASURES:
        layer = result.best_layer(measure)
        percent = getattr(result, measure)[layer]
        error = result.standard_error(percent)
        best[measure] = {"layer": layer, "hits": percent, "standard_error": error}
    return best


def make_databin(args: argparse.Namespace, folder: str) -> str:
    """Make triplets of plain text, one block a line, with the project's own command."""
    destination = os.path.join(folder, "data-bin")
    command = [sys.executable, "-m", "data_prep.make_triplets", "--test", *args.text]
    command += ["--destdir", destination, "--sample-break-mode", "eos", "--seed", str(args.seed)]
    for flag in ("sentencepiece_model", "gpt2_encoder_json", "gpt2_vocab_bpe", "dict"):
        if getattr(args, flag) is not None:
            command += ["--" + flag.replace("_", "-"), getattr(args, flag)]
    if args.one_word:
        command.append("--one-word")
    if subprocess.run(command, check=False).returncode != 0:
        raise InputError("--text: no triplets could be made, for the reason given above")
    return destination


def text_sha256(paths: list[str]) -> list[str | None]:
    """SHA-256 of each text file; None for standard input, which can be read only once.

    Raises:
        InputError: one is not a file.
    """
    for path in paths:
        if path != "-" and not os.path.isfile(path):
            raise InputError(f"--text {path}: no such file; give text files, or - for stdin")
    return [None if path == "-" else file_sha256(path) for path in paths]


def _without_folders(value: Any) -> Any:
    """Base names: where things are on this computer is nobody else's business."""
    if isinstance(value, list):
        return [_without_folders(item) for item in value]
    return os.path.basename(os.path.normpath(value)) if isinstance(value, str) else value


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(__spec__, __doc__)
    add = parser.add_argument
    commands.add_checkpoints(parser, "RoBERTa-like, of any task")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", metavar="DATABIN", help="made by data_prep.make_triplets")
    source.add_argument(
        "--text", nargs="+", metavar="FILE", help="plain text, a sentence a line (- for stdin)"
    )
    add("--split", default="test", help="of the data-bin: valid, test (default: test)")
    add("--max-tokens", type=int, default=8192, help="tokens in a batch (default: 8192)")
    add("--plot", metavar="FILE.png", help="draw Hits against the layer")
    text = parser.add_argument_group("for --text: the triplets, the tokenizer of the checkpoints")
    text.add_argument(
        "--one-word",
        action="store_true",
        help="replace one word of a sentence, by a synonym and by an antonym (CLINE, section 4.6); "
        "sentences without both are left out",
    )
    text.add_argument("--sentencepiece-model", metavar="FILE")
    text.add_argument("--gpt2-encoder-json", metavar="FILE")
    text.add_argument("--gpt2-vocab-bpe", metavar="FILE")
    text.add_argument("--dict", metavar="FILE", help="fairseq dictionary of the tokenizer")
    text.add_argument("--seed", type=int, default=1, help="of the replacements (default: 1)")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> None:
    args = commands.parse(_parser(), argv)
    commands.check_outputs(json=args.json)
    commands.check_figures(plot=args.plot)
    if args.one_word and not args.text:
        raise InputError("--one-word is for --text; give it to data_prep.make_triplets instead")
    checkpoints = commands.named_paths(args.checkpoints)
    with tempfile.TemporaryDirectory() as folder:
        if args.text:
            args.split = "test"
            source = {"text_sha256": text_sha256(args.text)}  # before, so that it fails early
            databin = open_databin(make_databin(args, folder))
        else:
            databin = open_databin(args.data)
            source = {"manifest_sha256": file_sha256(databin.path("manifest.json"))}
        results = [hits(name, path, databin, args) for name, path in checkpoints.items()]
        n = results[0].triplets
        print(f"Hits (%) ± standard error, n = {n:,} triplets; * best layer\n")
        print(table(results))
        if args.json:
            write_json(args.json, results, databin, source, args)
    if args.plot:
        from fairseq_cline.evaluation.reports import plots  # needs matplotlib

        panels = {
            title: {result.name: getattr(result, measure) for result in results}
            for measure, title in MEASURES.items()
        }
        plots.lines_by_layer(args.plot, panels, ylabel="Hits (%)", chance=50.0)


if __name__ == "__main__":
    main()
