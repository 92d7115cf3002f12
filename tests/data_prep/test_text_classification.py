"""Labeled text to a data-bin: what stock `sentence_prediction` reads, and what is refused."""

import json
from pathlib import Path

import pytest
from fairseq.data.encoders.gpt2_bpe import GPT2BPE, GPT2BPEConfig
from fairseq.data.encoders.sentencepiece_bpe import SentencepieceBPE, SentencepieceConfig
from fairseq.tasks.sentence_prediction import SentencePredictionConfig, SentencePredictionTask

from data_prep import text_classification

SPECIALS = 4
TEXTS = [
    "a  fine\u00a0film, naïve but 'honest'",
    "DULL!",
    "</s> and <unk> are words",
    "ends like Windows\r",
    "何 is new",
    '"quoted" text',
    "a\rlone return and a\u2028separator",
    "dull dull dull",
]
LABELS = ["pos", "neg", "not sure", "pos", "neg", "neg", "pos", "neg"]


def write(path: Path, rows) -> Path:
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8", newline="")
    return path


def singles() -> list[tuple[str, ...]]:
    return list(zip(LABELS, TEXTS, strict=True))


def pairs() -> list[tuple[str, ...]]:
    return list(zip(LABELS, TEXTS, TEXTS[::-1], strict=True))


def command(tokenizer, destdir: Path, train: Path, *options: object) -> list[str]:
    return ["--train", train, "--destdir", destdir, *tokenizer.options, *options]


def main(*arguments: object) -> None:
    text_classification.main([*map(str, arguments)])


def stock_task(databin: Path, classes: int, **settings) -> SentencePredictionTask:
    config = SentencePredictionConfig(
        data=str(databin), num_classes=classes, init_token=0, separator_token=2, no_shuffle=True,
        max_positions=512, seed=1, **{"regression_target": False, **settings},
    )  # fmt: skip
    return SentencePredictionTask.setup_task(config)


def raw_lines(databin: Path, split: str) -> list[str]:
    text = (databin / "raw" / f"{split}.tsv").read_text(encoding="utf-8")
    return text.removesuffix("\n").split("\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def fairseqs_encoder(databin: Path):
    """fairseq's own `--bpe`, with the files in the data-bin."""
    if (databin / "spm.model").exists():
        config = SentencepieceConfig(sentencepiece_model=str(databin / "spm.model"))
        return SentencepieceBPE(config)
    encoder, merges = (str(databin / name) for name in ("encoder.json", "vocab.bpe"))
    return GPT2BPE(GPT2BPEConfig(gpt2_encoder_json=encoder, gpt2_vocab_bpe=merges))


@pytest.mark.parametrize("rows", [singles(), pairs()], ids=["singles", "pairs"])
def test_stock_reads_the_texts_and_the_labels(tokenizer, tmp_path, rows):
    train, test = write(tmp_path / "train.tsv", rows), write(tmp_path / "test.tsv", rows[2:4])
    databin = tmp_path / "bin"
    main(*command(tokenizer, databin, train, "--valid", test, "--test", test, train))
    task = stock_task(databin, classes=3)
    assert task.label_dictionary.symbols[SPECIALS:-1] == ["neg", "not sure", "pos"]
    encode = fairseqs_encoder(databin).encode
    for split, expected in (
        ("train", rows), ("valid", rows[2:4]), ("test", rows[2:4]), ("test1", rows)
    ):  # fmt: skip
        task.load_dataset(split)
        dataset = task.dataset(split)
        assert len(dataset) == len(expected)
        for item, line, (label, *_) in zip(
            dataset, raw_lines(databin, split), expected, strict=True
        ):
            raw_label, *texts = line.split("\t")
            sequences = [
                task.dictionary.encode_line(encode(text), add_if_not_exist=False) for text in texts
            ]
            tokens = [0, *sequences[0].tolist()]
            for sequence in sequences[1:]:
                tokens += [2, *sequence.tolist()]
            assert item["net_input.src_tokens"].tolist() == tokens
            name = task.label_dictionary[int(item["target"]) + SPECIALS]
            assert name == raw_label == label


def test_raw_text_keeps_its_characters_but_for_white_space(sentencepiece_tokenizer, tmp_path):
    train = write(tmp_path / "train.tsv", singles())
    main(*command(sentencepiece_tokenizer, tmp_path / "bin", train, "--valid", train))
    assert raw_lines(tmp_path / "bin", "train") == [
        "pos\ta fine film, naïve but 'honest'",
        "neg\tDULL!",
        "not sure\t</s> and <unk> are words",
        "pos\tends like Windows",
        "neg\t何 is new",
        'neg\t"quoted" text',
        "pos\ta lone return and a separator",
        "neg\tdull dull dull",
    ]


def test_a_validation_split_is_drawn_from_the_training_file(
    sentencepiece_tokenizer, tmp_path, capsys
):
    rows = [("01"[k % 2], f"text number {k}") for k in range(50)]
    train = write(tmp_path / "train.tsv", rows)

    def build(name: str, *options: object) -> dict[str, bytes]:
        main(*command(sentencepiece_tokenizer, tmp_path / name, train, *options))
        return contents(tmp_path / name)

    first = build("first")
    assert "valid: drawn from the training file with seed 1" in capsys.readouterr().out
    parts = [raw_lines(tmp_path / "first", split) for split in ("train", "valid")]
    assert [len(part) for part in parts] == [45, 5]
    assert sorted(parts[0] + parts[1]) == sorted("\t".join(row) for row in rows)
    assert parts[0] == sorted(parts[0], key=rows_in_order(rows))  # the order stays
    assert build("again") == first
    assert build("other", "--seed", 2)["raw/valid.tsv"] != first["raw/valid.tsv"]
    build("more", "--valid-share", 0.3)
    assert len(raw_lines(tmp_path / "more", "valid")) == 15


def rows_in_order(rows):
    lines = ["\t".join(row) for row in rows]
    return lines.index


def test_the_tokenizer_and_the_dictionary_are_copied(tokenizer, tmp_path):
    train = write(tmp_path / "train.tsv", pairs())
    main(*command(tokenizer, tmp_path / "bin", train))
    files = contents(tmp_path / "bin")
    sources = contents(tokenizer.folder)
    for name in ("input0/dict.txt", "input1/dict.txt"):
        assert files[name] == sources["dict.txt"]
    assert {name: files[name] for name in sources} == sources
    assert sources.keys() <= json.loads(files["manifest.json"])["files"].keys()
    main("--train", train, "--tokenizer", tmp_path / "bin", "--destdir", tmp_path / "again")
    assert contents(tmp_path / "again") == files


def test_a_regression(sentencepiece_tokenizer, tmp_path, capsys):
    train = write(tmp_path / "train.tsv", [("0.5", "a", "b"), ("1e-1", "c", "d"), ("1", "e", "f")])
    main(
        *command(sentencepiece_tokenizer, tmp_path / "bin", train, "--valid", train, "--regression")
    )
    assert "--num-classes 1 --regression-target" in capsys.readouterr().out
    assert not (tmp_path / "bin" / "label" / "dict.txt").exists()
    task = stock_task(tmp_path / "bin", classes=1, regression_target=True)
    task.load_dataset("valid")
    assert [item["target"] for item in task.dataset("valid")] == [[0.5], [0.1], [1.0]]


def test_what_it_says(sentencepiece_tokenizer, tmp_path, capsys):
    rows = [("no", "dull"), ("yes", "fine " * 600), ("no", "so dull")]
    train = write(tmp_path / "train.tsv", rows)
    main(*command(sentencepiece_tokenizer, tmp_path / "bin", train, "--valid", train))
    head, line, *_ = capsys.readouterr().out.splitlines()
    columns = dict(zip(head.replace("mean tokens", "mean").replace("over 512", "over").split(),
                       line.split(), strict=True))  # fmt: skip
    assert columns["split"] == "train" and columns["examples"] == "3"
    task = stock_task(tmp_path / "bin", classes=2)
    task.load_dataset("train")
    lengths = [len(item["net_input.src_tokens"]) for item in task.dataset("train")]
    assert columns["longest"] == f"{max(lengths):,}" and columns["over"] == "1"
    assert float(columns["mean"]) == pytest.approx(sum(lengths) / 3, abs=0.06)
    text = main_output(sentencepiece_tokenizer, tmp_path, train, capsys)
    assert "classes (train/valid): no 2/2, yes 1/1" in text
    assert "--num-classes 2 --init-token 0 --separator-token 2 --shorten-method truncate" in text


def main_output(tokenizer, tmp_path, train, capsys) -> str:
    main(*command(tokenizer, tmp_path / "again", train, "--valid", train))
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("train", "test", "options", "message"),
    [
        (
            "a\tx\nb\ty\n",
            "a\tz\nc\tz\n",
            [],
            "test.tsv, line 2: the label 'c' is not one of those of the tr",
        ),
        (
            "a\tx\nb\ty\n",
            "a\tz\tz\n",
            [],
            "test.tsv, line 1: 2 text(s), but the examples of the tr",
        ),
        (
            "Sentiment\tText\nneg\tso dull\npos\tso fine\n",
            "neg\tz\n",
            [],
            "train.tsv, line 1: 'Sentiment<TAB>Text' looks like names of the columns",
        ),
        (
            "a\tx\nb\ty\n",
            "label\ttext\na\tz\n",
            [],
            "test.tsv, line 1: 'label<TAB>text' looks like names of the columns",
        ),
        (
            "".join(f"this is film number {k}\t{'ab'[k % 2]}\n" for k in range(2000)),
            "a film\ta\n",
            [],
            "train.tsv: the label seems to be in the last column, which has 2 different values (a, b)",
        ),
        (
            "".join(f"class{k}\ttext {k}\nclass{k}\tmore\n" for k in range(2000)),
            "other\ta text\n",
            [],
            "class1002, class1003, class1004, class1005 and 1,990 more); correct it",
        ),
        ("a\tx\nb\n", "a\tz\n", [], "train.tsv, line 2: not label<TAB>text"),
        ("a\tx\nb\ty\tz\n", "a\tz\n", [], "train.tsv, line 2: 2 text(s), but line 1 has 1"),
        ("a\tx\na\ty\n", "a\tz\n", [], "train.tsv: only one label, 'a'"),
        ("", "a\tz\n", [], "train.tsv: no example in it"),
        ("1\tx\nb\ty\n", "1\tz\n", ["--regression"], "train.tsv, line 2: 'b' is not a number"),
        ("1\tx\nnan\ty\n", "1\tz\n", ["--regression"], "train.tsv, line 2: 'nan' is not a number"),
        ("a\tx\nb\ty\n", "a\tz\n", ["--valid-share", "1"], "--valid-share 1.0 must be above 0"),
        ("a\tx\nb\ty\n", "a\tz\n", ["--valid", "no.tsv"], "no.tsv: no such file"),
        ("a\tx\nb\ty\n", "a\tz\n", ["--words"], "give either --tokenizer FOLDER, that of the enc"),
    ],
)
def test_bad_input_ends_with_one_line_and_leaves_nothing(
    sentencepiece_tokenizer, tmp_path, capsys, train, test, options, message
):
    for name, text in (("train.tsv", train), ("test.tsv", test)):
        (tmp_path / name).write_text(text)
    with pytest.raises(SystemExit) as end:
        main(
            *command(sentencepiece_tokenizer, tmp_path / "new" / "bin", tmp_path / "train.tsv"),
            "--test", tmp_path / "test.tsv", *options,
        )  # fmt: skip
    assert end.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("text_classification: error: ") and error.count("\n") == 1
    assert message in error and len(error) < 600
    assert not (tmp_path / "new").exists()


def test_an_existing_databin_is_left_alone(sentencepiece_tokenizer, tmp_path, capsys):
    train = write(tmp_path / "train.tsv", singles())
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "mine").write_text("mine")
    with pytest.raises(SystemExit):
        main(*command(sentencepiece_tokenizer, tmp_path / "bin", train))
    assert "exists already" in capsys.readouterr().err
    assert contents(tmp_path / "bin") == {"mine": b"mine"}
