"""The binaries of fairseq with the tasks of the plug-in, for the table of entries."""

from collections.abc import Iterator
from pathlib import Path

from fuzz.entry import Entry, databin, triplets
from fuzz.formats import CHECKPOINT, DATA_TEXT, TABLE, TEXT_FILE, TOKENIZER, Format

PLUGIN = Path(__file__).resolve().parents[2] / "fairseq_cline"
ALONE = f"--cpu --num-workers 0 --user-dir {PLUGIN}"
UPDATE = "--optimizer adam --lr 0.001 --max-update 1 --no-epoch-checkpoints --save-dir out/save"
UPDATE += f" --batch-size 4 {ALONE}"
ENCODER = "--encoder-layers 2 --encoder-embed-dim 16 --encoder-ffn-embed-dim 16"
ENCODER += " --encoder-attention-heads 2"
DECODER = ENCODER.replace("encoder", "decoder")
CLINE = "in/triplets --task cline_pretrain --criterion cline --arch cline_roberta_tiny"
CLINE += f" --tokens-per-sample 64 --max-positions 64 {ENCODER} {UPDATE}"


def binaries() -> Iterator[Entry]:
    """The entries of fairseq_cli."""
    yield from _trainings()
    yield from _uses()


def _training(name: str, *parts: str, files: dict[str, Format]) -> Entry:
    return Entry(f"train:{name}", " ".join([*parts, UPDATE]), files)


def _trainings() -> Iterator[Entry]:
    both = {**triplets("train"), **triplets("valid")}
    yield Entry("train:cline", CLINE, both)
    yield _training(
        "cline_bert",
        "in/triplets --task cline_pretrain --criterion cline --arch cline_bert",
        "--finetune-from-model in/cline.pt --tokens-per-sample 64 --contrast infonce",
        "--sentence-feature mean --consistency-weight 5",
        files={"in/cline.pt": CHECKPOINT},
    )
    yield _training(
        "dcl",
        "in/triplets --task dcl_pretrain --criterion dcl --arch dcl_roberta_tiny",
        f"--tokens-per-sample 64 --max-positions 64 --projection-dim 8 {ENCODER}",
        files=both,
    )
    yield _training(
        "atcl_lm",
        "in/lm --task atcl_lm --criterion atcl_cross_entropy --arch transformer_lm",
        f"--tokens-per-sample 16 --sample-break-mode none {DECODER}",
        files=databin("lm", "dict.txt", "train.bin", "train.idx", "valid.bin", "valid.idx"),
    )
    yield _training(
        "atcl_translation",
        "in/mt --task atcl_translation --source-lang xx --target-lang yy --arch transformer",
        "--criterion atcl_label_smoothed_cross_entropy --disable-validation",
        f"{ENCODER} {DECODER}",
        files=databin("mt", "dict.xx.txt", "dict.yy.txt", "train.*.bin", "train.*.idx"),
    )
    splits = ("*/train.bin", "*/train.idx", "*/dict.txt")
    yield _training(
        "clld",
        "in/classes --task clld_classification --criterion clld --arch roberta --init-token 0",
        "--max-positions 64 --label-distance static --label-distance-file in/pairs.tsv",
        ENCODER,
        files={**databin("classes", *splits), "in/pairs.tsv": TABLE},
    )
    yield _training(
        "text_cnn",
        "in/words --task clld_classification --criterion freelb --arch text_cnn --num-classes 2",
        "--embedding-dim 4 --embeddings in/vectors.txt --max-positions 64",
        files={**databin("words", *splits), "in/vectors.txt": TABLE},
    )
    fresh = [f"--reset-{part}" for part in ("optimizer", "dataloader", "meters", "lr-scheduler")]
    for flag, *others in (("--restore-file", *fresh), ("--finetune-from-model",)):
        line = " ".join([CLINE, flag, "in/cline.pt", *others])
        yield Entry(f"train:{flag.strip('-')}", line, {"in/cline.pt": CHECKPOINT}, options={})


def _uses() -> Iterator[Entry]:
    lm = f"in/lm --task atcl_lm --path in/lm.pt --batch-size 2 {ALONE}"
    files = {"in/lm.pt": CHECKPOINT, **databin("lm", "dict.txt", "test.bin", "test.idx")}
    yield Entry("eval_lm", f"{lm} --gen-subset test --tokens-per-sample 16", files)
    yield Entry("validate:lm", f"{lm} --valid-subset test", files)
    yield Entry(
        "validate:cline",
        f"in/triplets --task cline_pretrain --path in/cline.pt --batch-size 4 {ALONE}",
        {"in/cline.pt": CHECKPOINT, **triplets("valid")},
    )
    mt = f"in/mt --task atcl_translation --path in/mt.pt {ALONE}"
    pairs = databin("mt", "dict.xx.txt", "dict.yy.txt", "test.*.bin", "test.*.idx")
    files = {"in/mt.pt": CHECKPOINT, **pairs}
    yield Entry("validate:mt", f"{mt} --valid-subset test --batch-size 2", files)
    yield Entry("generate", f"{mt} --beam 2 --batch-size 4", files)
    yield Entry(
        "interactive",
        f"{mt} --source-lang xx --target-lang yy --input in/raw/test.xx --beam 2 "
        "--bpe sentencepiece --sentencepiece-model in/mt/spm.model",
        {
            "in/mt.pt": CHECKPOINT,
            "in/raw/test.xx": TEXT_FILE,
            "in/mt/dict.??.txt": DATA_TEXT,
            "in/mt/spm.model": TOKENIZER,
        },
    )
