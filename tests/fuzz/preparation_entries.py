"""The commands of data_prep, for the table of entries."""

from collections.abc import Iterator

from fuzz.entry import SPM, SPM_FILES, Entry, tables_of
from fuzz.formats import ATTACK_LOG, REPORT, TABLE, TEXT_FILE, WINDOWS_TEXT

DATASETS = {
    **dict.fromkeys(("mr", "r8", "ag", "perspectrum"), TABLE),
    "trec": TABLE._replace(name="a table in Latin-1", accepted=WINDOWS_TEXT.accepted),
    **dict.fromkeys(("snli", "boolq"), REPORT),
    # Fewer documents are said beside the published number.
    "imdb": TEXT_FILE._replace(name="documents", accepted=frozenset({"missing", "empty"})),
    "20ng": WINDOWS_TEXT._replace(
        name="documents in Latin-1", accepted=WINDOWS_TEXT.accepted | {"missing", "empty"}
    ),
}
GPT2 = "--tokenizer in/gpt2"
GPT2_FILES = {"in/gpt2/encoder.json": REPORT, "in/gpt2/vocab.bpe": TABLE, "in/gpt2/dict.txt": TABLE}
PIECES = "--tokenizer in/pieces"
PIECES_FILES = {"in/pieces/tokenizer.json": REPORT, "in/pieces/dict.txt": TABLE}
TOKENIZERS = (("spm", SPM, SPM_FILES), ("gpt2", GPT2, GPT2_FILES), ("json", PIECES, PIECES_FILES))


def preparation() -> Iterator[Entry]:
    new = "--destdir out/new"
    text = {"in/*.txt": TEXT_FILE}
    tables = tables_of("train", "valid")
    own = "--train in/opinions/train.tsv --valid in/opinions/valid.tsv"
    yield Entry("resources", "--check", fixed=("--check",))
    yield Entry("wordnet_corpus", new)
    yield Entry("wordnet_topics", f"{new} --train-examples 30 --test-examples 10")
    yield Entry("wordnet_similarity", "--output out/new.csv --limit 30")
    yield Entry("train_sentencepiece", f"in/train.txt {new} --vocab-size 300", text)
    for kind, tokenizer, files in TOKENIZERS:
        line = f"--train in/train.txt --test in/test.txt {new} {tokenizer} --tokens-per-sample 64"
        yield Entry(f"make_triplets:{kind}", line, {**text, **files})
        line = f"{own} {new} {tokenizer}"
        yield Entry(f"text_classification:{kind}", line, {**tables, **files})
    yield Entry("lm_text", f"--train in/train.txt --valid in/test.txt {new}", text)
    yield Entry("ptb", f"{new} --raw-dir in/ptb", {"in/ptb/*": TEXT_FILE}, fixed=("--raw-dir",))
    yield Entry(
        "wikitext103", f"{new} --raw-dir in/wikitext", {"in/wikitext/*": TEXT_FILE},
        fixed=("--raw-dir",),
    )  # fmt: skip
    yield Entry("antonyms", "in/spm/dict.txt", {"in/spm/dict.txt": TABLE}, beside=("antonyms.txt",))
    yield Entry(
        "parallel_text",
        "--source-lang xx --target-lang yy --train in/raw/train --valid in/raw/valid "
        f"--joined-dictionary --vocab-size 100 {new}",
        {"in/raw/train.*": TEXT_FILE, "in/raw/valid.*": TEXT_FILE},
    )
    yield Entry(
        "iwslt17", f"--pair en-de --raw-dir in/iwslt {new} --vocab-size 60",
        {"in/iwslt/*": TEXT_FILE}, fixed=("--raw-dir",),
    )  # fmt: skip
    yield Entry("text_classification:words", f"{own} {new} --words", tables_of("train", "valid"))
    for name, form in DATASETS.items():
        line = f"--dataset {name} --raw-dir in/{name} --words {new}"
        files = {f"in/{name}/text_*": WINDOWS_TEXT, f"in/{name}/*": form}
        yield Entry(f"text_classification:{name}", line, files, fixed=("--raw-dir",))
    for task in ("SST-2", "CoLA", "RTE", "STS-B", "MRPC"):
        line = f"--task {task} --raw-dir in/{task} --words {new}"
        yield Entry(f"glue:{task}", line, {f"in/{task}/*": TABLE}, fixed=("--raw-dir", "--task"))
    train = {"in/opinions/train.tsv": TABLE}
    yield Entry(
        "augment_classification:synonym",
        "in/opinions/train.tsv --output out/more.tsv --method synonym", train,
    )  # fmt: skip
    yield Entry(
        "augment_classification:adversarial",
        "in/opinions/train.tsv --output out/more.tsv --method adversarial "
        "--attack-log in/attacks/a.pwws.jsonl",
        {**train, "in/attacks/*": ATTACK_LOG},
    )
    yield Entry("invariance_set", f"in/opinions/test.tsv {new}", tables_of("test"))
    for name, given in {
        "imdb": "imdb_original.tsv imdb_contrast.tsv", "counterfactual": "paired.tsv",
        "snli": "snli_original.tsv snli_revised.tsv", "perspectrum": "perspectrum.csv",
        "boolq": "boolq.json",
    }.items():  # fmt: skip
        paths = [f"in/contrast/{file}" for file in given.split()]
        files = {path: REPORT if path.endswith("json") else TABLE for path in paths}
        yield Entry(f"contrast_set:{name}", f"{' '.join(paths)} --format {name} {new}", files)
    yield Entry("synonym_text", "in/test.txt --output out/new.txt", {"in/test.txt": TEXT_FILE})
