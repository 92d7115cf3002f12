"""Contrast sets from small files in each of the published formats, and damaged ones."""

import json
import re

import pytest

from data_prep.classification.examples import read_examples
from data_prep.contrast_set import main

IMDB = (
    "Sentiment\tText",
    "Positive\tA fine film.<br /><br />See it.",
    'Negative\t"So ""bad"" it is"',
)
IMDB_CONTRAST = ("Sentiment\tText", "Negative\tA dull  film.<br />Flee.", "Positive\tSo good it is")
PAIRED = (
    "Sentiment\tText\tbatch_id",
    "Negative\tI left\t7",
    "Positive\tI like it\t3",
    "Positive\tI stayed\t7",
    'Negative\t"I ""like"" it"\t3',
)
SNLI = (
    "sentence1\tsentence2\tgold_label",
    "A man sleeps.\tA man is awake.\tcontradiction",
    "A dog runs.\tAn animal moves.\tentailment",
)
SNLI_REVISED = (
    "sentence1\tsentence2\tgold_label",
    "A man sleeps.\tA man rests.\tentailment",
    "A man reads.\tA man is awake.\tneutral",
    "A dog runs.\tA cat runs.\tcontradiction",
    'A dog sleeps.\t"An animal moves."\tcontradiction',
)
PERSPECTRUM = (
    ",".join(
        ["original_claim", "contrast_claim", "perspective", "original_relevance_label"]
        + ["original_stance_label", "contrast_relevance_label", "contrast_stance_label"]
    ),
    '"Say ""God"", always","Never say ""God""","It is custom, here",1,pos,1,neg',
    "Stand up,Sit down,Chairs exist,0,unk,0,unk",
    "Stand up,Sit down,Legs tire,1,neg,0,unk",
)
BOOLQ = {
    "data": [
        {
            "title": "Title",
            "paragraph": "Paragraph",
            "question": "Question",
            "answer": "Gold Answer",
            "perturbed_questions": [{"perturbed_q": "Perturbed Q", "answer": "New Answer"}],
        },
        {
            "title": "Cloak",
            "paragraph": "A cape is a\ncloak.",
            "question": "is a cape a cloak",
            "answer": "TRUE",
            "perturbed_questions": [
                {"perturbed_q": 'is a "cape" a hat', "answer": "FALSE"},
                {"perturbed_q": "is a cape clothing", "answer": "TRUE"},
            ],
        },
        {
            "title": "Hat",
            "paragraph": "Hats are worn.",
            "question": "are hats eaten",
            "answer": "FALSE",
            "perturbed_questions": [{"perturbed_q": "", "answer": ""}],
        },
    ]
}


@pytest.fixture
def convert(tmp_path):
    """Runs the command on files of these contents; the lines of sets.tsv, split at tabs."""

    def call(kind: str, *contents, options=(), destdir="sets") -> list[list[str]]:
        paths = []
        for number, content in enumerate(contents):
            paths.append(tmp_path / f"file{number}")
            lines = [json.dumps(content)] if isinstance(content, dict) else content
            paths[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
        folder = tmp_path / destdir
        main([*map(str, paths), "--format", kind, "--destdir", str(folder), *options])
        lines = (folder / "sets.tsv").read_text(encoding="utf-8").splitlines()
        return [line.split("\t") for line in lines]

    return call


def test_imdb_pairs_the_rows_of_two_files(convert, tmp_path, capsys):
    assert convert("imdb", IMDB, IMDB_CONTRAST) == [
        ["1", "original", "pos", "A fine film. See it."],
        ["1", "contrast", "neg", "A dull film. Flee."],
        ["2", "original", "neg", 'So "bad" it is'],
        ["2", "contrast", "pos", "So good it is"],
    ]
    assert capsys.readouterr().out.splitlines() == [
        "2 sets",
        "2 originals: neg 1, pos 1",
        "2 contrast examples: neg 1, pos 1",
    ]
    for name, rows in (("original", (0, 2)), ("contrast", (1, 3))):
        written = (tmp_path / "sets" / f"{name}.tsv").read_text().splitlines()
        every = (tmp_path / "sets" / "sets.tsv").read_text().splitlines()
        assert written == [every[row].split("\t", 2)[2] for row in rows]
        assert len(read_examples(tmp_path / "sets" / f"{name}.tsv")) == 2


def test_counterfactual_reviews_are_joined_by_their_id(convert):
    assert convert("counterfactual", PAIRED) == [
        ["1", "original", "neg", "I left"],
        ["1", "contrast", "pos", "I stayed"],
        ["2", "original", "pos", "I like it"],
        ["2", "contrast", "neg", 'I "like" it'],
    ]


def test_snli_has_several_revisions_of_an_original(convert):
    rows = convert("snli", SNLI, SNLI_REVISED)
    assert [row[:2] for row in rows] == [
        [number, kind] for number in "12" for kind in ("original", "contrast", "contrast")
    ]
    assert rows[2] == ["1", "contrast", "neutral", "A man reads.", "A man is awake."]
    assert rows[5] == ["2", "contrast", "contradiction", "A dog sleeps.", "An animal moves."]


def test_boolq_skips_the_element_that_explains_the_keys(convert, capsys):
    assert convert("boolq", BOOLQ) == [
        ["1", "original", "True", "is a cape a cloak", "A cape is a cloak."],
        ["1", "contrast", "False", 'is a "cape" a hat', "A cape is a cloak."],
        ["1", "contrast", "True", "is a cape clothing", "A cape is a cloak."],
    ]
    printed = capsys.readouterr().out
    assert "1 originals without a contrast example left out" in printed
    assert convert("boolq", {"data": BOOLQ["data"][1:]}, destdir="again") == convert(
        "boolq", BOOLQ, destdir="more"
    )


def test_perspectrum_leaves_out_what_has_no_stance(convert):
    assert convert("perspectrum", PERSPECTRUM) == [
        ["1", "original", "pos", 'Say "God", always', "It is custom, here"],
        ["1", "contrast", "neg", 'Never say "God"', "It is custom, here"],
        ["2", "original", "neg", "Stand up", "Legs tire"],
        ["2", "contrast", "neg", "Sit down", "Legs tire"],  # as in the original evaluation
    ]


def test_labels_can_be_those_of_other_training_data(convert):
    rows = convert("imdb", IMDB, IMDB_CONTRAST, options=["--labels", "Positive=1", "Negative=0"])
    assert [row[2] for row in rows] == ["1", "0", "0", "1"]
    rows = convert("boolq", BOOLQ, options=["--labels", "TRUE=yes"], destdir="boolq")
    assert [row[2] for row in rows] == ["yes", "False", "yes"]


def test_sets_that_contradict_themselves_are_counted(convert, capsys):
    again = "Negative\tA fine  film. See it."  # the first original
    same = 'Negative\tSo "bad" it is'  # the second, with its own label: redundant only
    convert("imdb", IMDB, (IMDB[0], again, same))
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("1 sets have the original's text again with another label")


def changed(lines: tuple[str, ...], row: int, line: str) -> list[str]:
    return [*lines[:row], line, *lines[row + 1 :]]


@pytest.mark.parametrize(
    ("kind", "contents", "message"),
    [
        ("imdb", [IMDB], r"--format imdb: 1 files, but it has 2 \(originals, contrast examples\)"),
        ("imdb", [IMDB, IMDB_CONTRAST[:2]], "file1: 1 rows, but .*file0 has 2"),
        ("imdb", [PERSPECTRUM, IMDB], "file0: no column Sentiment, Text in its first line"),
        ("imdb", [IMDB, IMDB[:1]], "file1: no row below its first line"),
        (
            "imdb",
            [changed(IMDB, 2, "Positive"), IMDB],
            "file0, row 2 below .* not 2 columns of which",
        ),
        (
            "imdb",
            [IMDB, changed(IMDB, 1, "Positive\t ")],
            "file1, row 1 below .* not 2 columns of which",
        ),
        ("imdb", [IMDB, changed(IMDB, 2, "good\tx")], "'good' is none of the labels Negative, Pos"),
        ("imdb", [changed(IMDB, 2, "good\tx"), IMDB], "file0 or .*file1: 'good' is none of"),
        ("imdb", [IMDB, IMDB], "file1: its examples are the originals again; give the contrast"),
        ("counterfactual", [IMDB], "file0: no column batch_id in its first line"),
        (
            "counterfactual",  # nothing closes the quotation mark before the id
            [changed(PAIRED, 2, 'Positive\t"I like it\t3')],
            "file0, row 2 below .* not 3 columns",
        ),
        ("counterfactual", [PAIRED[:3]], "file0: no contrast example in it"),
        ("snli", [SNLI, SNLI_REVISED[:4]], "file1: 3 rows are no multiple of the 2 in"),
        ("snli", [SNLI_REVISED, SNLI], "file1: 2 rows are no multiple of the 4 in"),
        (
            "snli",
            [SNLI, (SNLI_REVISED[0], *SNLI_REVISED[3:], *SNLI_REVISED[1:3])],
            "file1: its pairs 1 to 2 have no sentence of pair 1 of",
        ),
        ("boolq", [IMDB], "file0: not a JSON object of paragraphs with questions"),
        ("boolq", [{"data": [{"answer": "TRUE"}]}], "file0: not a JSON object .*perturbed_quest"),
        ("boolq", [{"data": BOOLQ["data"][:1]}], "file0: no question in it"),
        (
            "boolq",
            [{"data": [{**BOOLQ["data"][1], "question": " "}]}],
            "file0: not a JSON object .*a question or a paragraph is empty",
        ),
        (
            "boolq",
            [{"data": [{**BOOLQ["data"][1], "answer": "MAYBE"}]}],
            "'MAYBE' is none of the labels FALSE, TRUE",
        ),
    ],
)
def test_a_damaged_file_is_named(convert, kind, contents, message, tmp_path, capsys):
    with pytest.raises(SystemExit) as exit_:
        convert(kind, *contents)
    assert exit_.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("contrast_set: error: ") and re.search(message, last)
    assert not (tmp_path / "sets").exists()


def test_bad_options(convert, tmp_path, capsys):
    for options, message in (
        (["--labels", "Positiv=1"], "--labels Positiv=1: --format imdb has Negative, Positive"),
        (["--labels", "Positive"], "'Positive' is not OLD=NEW, as Positive=1"),
        (["--labels", "Positive=a\tb"], "is not OLD=NEW"),
        (["--destdir", str(tmp_path)], "exists already"),
    ):
        with pytest.raises(SystemExit) as exit_:
            convert("imdb", IMDB, IMDB_CONTRAST, options=options)
        assert exit_.value.code == 1
        assert message in capsys.readouterr().err.splitlines()[-1]
    with pytest.raises(SystemExit):
        main(["absent.tsv", "absent.tsv", "--format", "imdb", "--destdir", str(tmp_path / "x")])
    assert "absent.tsv: no such file" in capsys.readouterr().err
    latin = tmp_path / "latin"
    latin.write_bytes("Sentiment\tText\nPositive\tcaf\xe9\n".encode("latin-1"))
    with pytest.raises(SystemExit):
        main([str(latin)] * 2 + ["--format", "imdb", "--destdir", str(tmp_path / "x")])
    assert "latin: not a table in UTF-8 text" in capsys.readouterr().err
