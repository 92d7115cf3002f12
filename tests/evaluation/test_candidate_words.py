"""The printed mask."""

import pytest

from data_prep.errors import InputError
from data_prep.files.manifests import write_manifest
from fairseq_cline.evaluation import candidate_words

DICTIONARY = "the 50\n, 20\nhouse 15\na 10\n1990 4\n*x|y 1\n"


def test_kinds_with_their_shares_of_the_text(tmp_path, run_main, capsys):
    path = tmp_path / "dict.txt"
    path.write_text(DICTIONARY)
    run_main(candidate_words, path)
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| **word** | 2 | 65.0% | the house |",
        r"| special | 4 | 0.0% | \<s\> \<pad\> \</s\> \<unk\> |",
        "| symbol | 1 | 20.0% | , |",
        "| character | 1 | 10.0% | a |",
        "| number | 1 | 4.0% | 1990 |",
        r"| mixed | 1 | 1.0% | \*x\|y |",
    ]
    run_main(candidate_words, path, "--all")
    assert capsys.readouterr().out == "the\nhouse\n"


def test_a_dictionary_without_counts_has_no_shares(tmp_path, run_main, capsys):
    path = tmp_path / "dict.txt"
    path.write_text("▁the 1\ning 1\n")
    run_main(candidate_words, path)
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| **word** | 1 | - | ▁the |",
        r"| special | 4 | - | \<s\> \<pad\> \</s\> \<unk\> |",
        "| sub-word | 1 | - | ing |",
    ]


def test_a_missing_dictionary(tmp_path, run_main):
    with pytest.raises(InputError, match="dict.txt: no such file"):
        run_main(candidate_words, tmp_path / "dict.txt")


def test_the_dictionary_of_a_databin_is_verified(tmp_path, run_main, capsys):
    path = tmp_path / "dict.txt"
    path.write_text(DICTIONARY)
    write_manifest(tmp_path, "language-modeling", 1)
    run_main(candidate_words, path)
    path.write_text(DICTIONARY.replace("house", "mouse"))
    with pytest.raises(InputError, match="dict.txt: its SHA-256 is not that in manifest.json"):
        run_main(candidate_words, path)
    run_main(candidate_words, path, "--skip-verification")
    assert "the mouse" in capsys.readouterr().out
