"""Pairs of texts with scores, in each form in which they are published."""

import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation.encoders.sts_files import ScoredPair, read_scored_pairs

PAIRS = [
    ScoredPair('A "man", sleeps.', "A man rests.", 4.5),
    ScoredPair("A man runs.", "A cat runs.", 0.2),
]
FORMS = {
    "CSV": '"A ""man"", sleeps.",A man rests.,4.5\nA man  runs.,A cat runs.,0.2\n',
    "CSV with names": "sentence1,sentence2,score\n"
    '"A ""man"", sleeps.",A man rests.,4.5\r\nA man runs.,A cat runs.,0.2\r\n',
    "tabs": 'A "man", sleeps.\tA man rests.\t4.5\nA man runs.\tA cat runs.\t0.2\n',
    "GLUE": "index\tgenre\tsentence1\tsentence2\tscore\n"
    '7\tnews\tA "man", sleeps.\tA man rests.\t4.5\n8\tnews\tA man runs.\tA cat runs.\t.2\n',
    "STS-B": 'main\tfile\t2012\t0001\t4.5\tA "man", sleeps.\tA man rests.\n'
    "main\tfile\t2012\t0002\t0.2\tA man runs.\tA cat runs.\tlicense\n",
    "SICK": "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n"
    '1\tA "man", sleeps.\tA man rests.\t4.5\tNEUTRAL\n2\tA man runs.\tA cat runs.\t0.2\tNEUTRAL\n',
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_form_is_told_by_the_content(tmp_path, form, mark):
    path = tmp_path / "pairs"
    path.write_text(mark + FORMS[form], encoding="utf-8", newline="")
    found = read_scored_pairs(str(path))
    assert found.pairs == PAIRS and found.parts == {}


def write_folder(folder, **parts):
    """SentEval's two files of each part."""
    for name, (texts, scores) in parts.items():
        (folder / f"STS.input.{name}.txt").write_text(texts)
        (folder / f"STS.gs.{name}.txt").write_text(scores)
    return str(folder)


def test_a_folder_of_parts(tmp_path):
    path = write_folder(
        tmp_path,
        news=("a\tb\nc\td\tsource\nno score\n", "5\n1.5\n\n"),
        forum=("e\tf\n", "0\n"),
    )
    (tmp_path / "correlation.pl").write_text("not read")
    found = read_scored_pairs(path)
    assert found.pairs == [
        ScoredPair("e", "f", 0.0), ScoredPair("a", "b", 5.0), ScoredPair("c", "d", 1.5),
    ]  # fmt: skip
    assert found.parts == {"forum": slice(0, 1), "news": slice(1, 3)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "pairs, line 1: not recognized"),
        ("a,b,1\n", "fewer than two different scores"),
        ("a,b,1\nc,d,1\n", "fewer than two different scores"),
        ("some text\n", "pairs, line 1: not recognized; give text, text, score"),
        ("a\tb\n", "pairs, line 1: not recognized"),
        ("a,b,c\n", "pairs, line 1: not recognized"),
        ("a,b,1\nc,d\n", "pairs, line 2: 2 columns, wanted 3 or more"),
        ("a,b,1\nc,d,x\n", "pairs, line 2: 'x' is no score"),
        ("a,b,1\nc,d,nan\n", "pairs, line 2: 'nan' is no score"),
        ("a,b,1\n,d,2\n", "pairs, line 2: a text is empty"),
        ('a,b,1\n"c"d,e,2\n', "pairs, line 2: no CSV"),
        ('a,b,1\n"c,d,2\n', "pairs, line 2: no CSV"),
        ("a\tb\t1\nc\td\n", "pairs, line 2: 2 columns"),
        ("sentence1\tsentence2\tscore\na\tb\t\n", "pairs, line 2: '' is no score"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path, content, message):
    path = tmp_path / "pairs"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_scored_pairs(str(path))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, r"a folder without STS.input.NAME.txt; give"),
        ({"x": ("a\tb\nc\td\n", "1\n")}, "STS.gs.x.txt: 1 lines, but STS.input.x.txt has 2"),
        ({"x": ("a\nc\td\n", "1\n2\n")}, "STS.input.x.txt, line 1: one text, wanted two"),
        ({"x": ("a\tb\nc\td\n", "1\nx\n")}, "STS.gs.x.txt, line 2: 'x' is no score"),
        ({"x": ("a\tb\nc\t\n", "1\n2\n")}, "STS.input.x.txt, line 2: a text is empty"),
    ],
)
def test_damage_in_a_folder(tmp_path, parts, message):
    with pytest.raises(InputError, match=message):
        read_scored_pairs(write_folder(tmp_path, **parts))


def test_a_part_without_scores(tmp_path):
    path = write_folder(tmp_path, x=("a\tb\nc\td\n", "1\n2\n"))
    (tmp_path / "STS.gs.x.txt").unlink()
    with pytest.raises(InputError, match="STS.gs.x.txt: cannot be read"):
        read_scored_pairs(path)
