"""GLUE's tasks in the layouts of the official files, with made-up sentences."""

import zipfile
from pathlib import Path

import pytest

from data_prep import glue
from data_prep.classification.datasets import glue_tasks
from data_prep.files.checksums import file_sha256


def table(columns: str, *rows: str) -> list[str]:
    """A header and rows, written with | for a tab."""
    return [line.replace("|", "\t") for line in (columns, *rows)]


MRPC = "Quality|#1 ID|#2 ID|#1 String|#2 String"
STS = "index|genre|filename|year|old_index|source1|source2|sentence1|sentence2|score"
QQP = "id|qid1|qid2|question1|question2|is_duplicate"
MNLI = "index|promptID|pairID|genre|sentence1_binary_parse|sentence2_binary_parse"
MNLI += "|sentence1_parse|sentence2_parse|sentence1|sentence2|label1"
DEV = f"{MNLI}|label2|label3|label4|label5|gold_label"
RTE = "index|sentence1|sentence2|label"
FILES = {  # task -> file -> lines
    "CoLA": {
        "train.tsv": table("gj04|1||Our friends won't buy.", 'gj04|0|*|The "box" rolled the'),
        "dev.tsv": table("gj04|1||The sailors rode."),
    },
    "SST-2": {
        "train.tsv": table("sentence|label", "hide new secretions |0", "fine , fine |1"),
        "dev.tsv": table("sentence|label", "it 's charming |1"),
    },
    "MRPC": {
        "train.tsv": table(
            "\ufeff" + MRPC, '1|1|2|He said "so .|So he said .', "0|3|4|One .|Two ."
        ),
        "dev.tsv": table(MRPC, "1|5|6|Five .|Six ."),
    },
    "STS-B": {
        "train.tsv": table(
            STS,
            "0|main|MSR|2012|1|none|none|A plane.|An air plane.|5.000",
            "1|main|MSR|2012|4|none|none|A flute.|A man.|3.800",
        ),
        "dev.tsv": table(STS, "0|main|MSR|2012|1|none|none|A hat.|A cat.|1.2"),
    },
    "QQP": {
        "train.tsv": table(
            QQP, *(f"{k}|1|2|How {k}?|Why {k}?|{k % 2}" for k in range(200)), "9|1|2|Broken line"
        ),
        "dev.tsv": table(QQP, "9|1|2|A?|B?|1"),
    },
    "MNLI": {
        "train.tsv": table(
            f"{MNLI}|gold_label",
            "0|1|1n|fiction|p|p|p|p|One 0|Two 0|neutral|neutral",
            "1|1|1n|fiction|p|p|p|p|One 1|Two 1|entailment|entailment",
            "2|1|1n|fiction|p|p|p|p|One 2|Two 2|contradiction|contradiction",
        ),
        "dev_matched.tsv": table(
            DEV,
            "0|1|1n|fiction|p|p|p|p|M one|M two|entailment|neutral|neutral|neutral|neutral|neutral",
        ),
        "dev_mismatched.tsv": table(
            DEV, "0|1|1n|fiction|p|p|p|p|MM one|MM two|neutral|neutral" + 4 * "|entailment"
        ),
    },
    "QNLI": {
        "train.tsv": table(
            "index|question|sentence|label",
            "0|When?|In 1990.|entailment",
            "1|Who?|In 1990.|not_entailment",
        ),
        "dev.tsv": table("index|question|sentence|label", "0|Where?|Here.|entailment"),
    },
    "RTE": {
        "train.tsv": table(RTE, "0|It is.|Is it.|entailment", "1|It is.|Or not.|not_entailment"),
        "dev.tsv": table(RTE, "0|Here.|There.|not_entailment"),
    },
}
EXPECTED = {  # task -> (first lines of train, valid)
    "CoLA": (["1\tOur friends won't buy.", '0\tThe "box" rolled the'], "1\tThe sailors rode."),
    "SST-2": (["0\thide new secretions", "1\tfine , fine"], "1\tit 's charming"),
    "MRPC": (['1\tHe said "so .\tSo he said .', "0\tOne .\tTwo ."], "1\tFive .\tSix ."),
    "STS-B": (["1\tA plane.\tAn air plane.", "0.76\tA flute.\tA man."], "0.24\tA hat.\tA cat."),
    "QQP": (["0\tHow 0?\tWhy 0?", "1\tHow 1?\tWhy 1?"], "1\tA?\tB?"),
    "MNLI": (["neutral\tOne 0\tTwo 0", "entailment\tOne 1\tTwo 1"], "neutral\tM one\tM two"),
    "QNLI": (["entailment\tWhen?\tIn 1990."], "entailment\tWhere?\tHere."),
    "RTE": (["entailment\tIt is.\tIs it."], "not_entailment\tHere.\tThere."),
}


def write_task(folder: Path, task: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in FILES[task].items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def build(sentencepiece_tokenizer, tmp_path):
    def call(task: str, *options: object) -> Path:
        destdir = tmp_path / "new" / task
        line = ["--task", task, "--destdir", destdir, *sentencepiece_tokenizer.options, *options]
        glue.main([*map(str, line)])
        return destdir

    return call


def raw_lines(databin: Path, split: str) -> list[str]:
    return (databin / "raw" / f"{split}.tsv").read_text(encoding="utf-8").splitlines()


def check(databin: Path, task: str) -> None:
    train, valid = EXPECTED[task]
    assert raw_lines(databin, "train")[: len(train)] == train
    assert raw_lines(databin, "valid") == [valid]
    assert not (databin / "raw" / "test.tsv").exists()


def test_every_task_of_the_benchmark_is_tried():
    assert set(FILES) == set(EXPECTED) == set(glue_tasks.TASKS)


@pytest.mark.parametrize("task", FILES)
@pytest.mark.parametrize("inside", [True, False])
def test_a_copy(build, tmp_path, task, inside):
    folder = write_task(tmp_path / "raw" / task, task)
    databin = build(task, "--raw-dir", folder.parent if inside else folder)
    check(databin, task)
    assert (databin / "label" / "dict.txt").exists() == (task != "STS-B")
    if task == "MNLI":
        assert raw_lines(databin, "valid1") == ["entailment\tMM one\tMM two"]


@pytest.mark.parametrize("task", [task for task in FILES if task != "MRPC"])
def test_a_download(build, tmp_path, monkeypatch, task):
    source = write_task(tmp_path / "source", task)
    archive = tmp_path / glue_tasks.TASKS[task].archive
    with zipfile.ZipFile(archive, "w") as out:
        for path in source.iterdir():
            out.write(path, f"{task}/{path.name}")
    monkeypatch.setattr(glue_tasks, "GLUE", tmp_path.as_uri() + "/")
    changed = vars(glue_tasks.TASKS[task]) | {"sha256": file_sha256(archive)}
    monkeypatch.setitem(glue_tasks.TASKS, task, glue_tasks.Task(**changed))
    check(build(task), task)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [task]


@pytest.fixture
def microsofts(tmp_path) -> Path:
    """MRPC as it is published: the pairs, and which of them are GLUE's development set."""
    folder = tmp_path / "microsoft"
    folder.mkdir()
    header, *train = FILES["MRPC"]["train.tsv"]
    lines = [header, train[0], FILES["MRPC"]["dev.tsv"][1], train[1]]
    (folder / "msr_paraphrase_train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "mrpc_dev_ids.tsv").write_text("5\t6\n")
    return folder


def test_mrpc_of_microsofts_files(build, microsofts):
    check(build("MRPC", "--raw-dir", microsofts), "MRPC")


def test_mrpc_of_files_that_do_not_belong_together(build, microsofts, capsys):
    (microsofts / "mrpc_dev_ids.tsv").write_text("7\t8\n")
    with pytest.raises(SystemExit):
        build("MRPC", "--raw-dir", microsofts)
    assert "mrpc_dev_ids.tsv: names 0 of the pairs of " in capsys.readouterr().err


def test_mrpc_is_downloaded_from_two_places(build, microsofts, monkeypatch):
    files = {
        name: (microsofts.as_uri() + "/", file_sha256(microsofts / name))
        for name in glue_tasks.MRPC_FILES
    }
    monkeypatch.setattr(glue_tasks, "MRPC_FILES", files)
    check(build("MRPC"), "MRPC")


def test_damaged_rows_are_left_out_and_said(build, tmp_path, capsys):
    folder = write_task(tmp_path / "QQP", "QQP")
    databin = build("QQP", "--raw-dir", folder)
    output = capsys.readouterr().out
    assert "train.tsv: 1 damaged rows left out" in output
    assert "published: train 363,846, valid 40,430" in output
    assert len(raw_lines(databin, "train")) == 200


@pytest.mark.parametrize(
    ("task", "file", "lines", "message"),
    [
        ("RTE", "dev.tsv", None, "holds train.tsv, dev.tsv; name the folder"),
        ("RTE", "train.tsv", ["index|sentence1|label"], "train.tsv: no column sentence2"),
        ("RTE", "train.tsv", [RTE, "0|one"], "train.tsv: 1 of 1 rows lack a label or a text"),
        (
            "SST-2",
            "dev.tsv",
            ["sentence|label", "fine|7"],
            "the label '7' is not one of those of the tr",
        ),
        ("STS-B", "train.tsv", [STS, "0|a|b|c|d|e|f|g|h|x"], "train.tsv: 'x' is not a score"),
    ],
)
def test_bad_input_ends_with_one_line_and_leaves_nothing(
    build, tmp_path, capsys, task, file, lines, message
):
    folder = write_task(tmp_path / "raw", task)
    if lines is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text("\n".join(table(*lines)) + "\n")
    with pytest.raises(SystemExit) as end:
        build(task, "--raw-dir", folder)
    assert end.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("glue: error: ") and message in last
    assert not (tmp_path / "new").exists()


def test_another_content_is_refused(build, tmp_path, monkeypatch, capsys):
    (tmp_path / "RTE.zip").write_bytes(b"something else")
    monkeypatch.setattr(glue_tasks, "GLUE", tmp_path.as_uri() + "/")
    with pytest.raises(SystemExit):
        build("RTE")
    last = capsys.readouterr().err.splitlines()[-1]
    assert "its SHA-256 differs" in last and "--raw-dir" in last
