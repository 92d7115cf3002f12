import pytest

from fairseq_cline.evaluation.reports.titles import Title, read_titles, title_of


def write(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "titles.tsv").write_text(text, encoding="utf-8")


def test_titles_of_a_folder_and_of_those_in_it(tmp_path):
    write(tmp_path, ".\tAll\tEverything.\n")
    write(tmp_path / "clld", ".\tCLLD\n\nmr-seed*.json\tMovie reviews\tGood or bad.\n")
    titles, left_out = read_titles(tmp_path)
    assert left_out == {}
    assert titles["."] == Title("All", "Everything.")
    expected = Title("CLLD: Movie reviews", "Good or bad.")
    assert title_of("clld/mr-seed*.json", titles, "x") == expected
    assert title_of("clld/mr-seed2.json", titles, "x").title == "CLLD: Movie reviews, seed 2"


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("clld/trec-seed*.json", "clld, trec"),
        ("a/share-1/seed*/contrast.json", "a, share-1, contrast"),
        ("seed*.json", "Hits"),
        ("seed3.json", "seed 3"),
        ("hits-seed1.json", "hits, seed 1"),
    ],
)
def test_a_path_without_a_title_is_put_in_words(path, title):
    assert title_of(path, {}, "Hits").title == title


@pytest.mark.parametrize("text", ["a\n", "a\tb\tc\td\n", "\ta\n", "a\t\n"])
def test_a_damaged_file_is_left_out_with_the_reason(text, tmp_path):
    write(tmp_path / "x", f"a\tA\n{text}")
    assert read_titles(tmp_path) == (
        {},
        {"x/titles.tsv": "line 2: wanted name<TAB>title[<TAB>words]; mend it"},
    )


def test_a_file_that_is_no_text_is_left_out(tmp_path):
    (tmp_path / "titles.tsv").write_bytes(b"\xff\xfe")
    assert read_titles(tmp_path)[1] == {"titles.tsv": "no text in UTF-8; make it again"}
