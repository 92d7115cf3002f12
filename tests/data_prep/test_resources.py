"""resources through its command line."""

import nltk
import pytest

from data_prep import resources
from data_prep.english import resources as library
from data_prep.errors import ResourceError


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_without_resources_it_ends_with_one_line(arguments, tmp_path, monkeypatch, capsys):
    def unreachable(*arguments, **options):
        raise ResourceError("unreachable")

    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setattr(nltk, "download", unreachable)
    monkeypatch.setattr(library, "run_pip", unreachable)
    with pytest.raises(SystemExit) as end:
        resources.main(arguments)
    assert end.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("resources: error: WordNet 3.0 ") and error.count("\n") == 1


def test_check_passes_where_all_is_installed(capsys):
    resources.main(["--check"])
    assert capsys.readouterr() == ("", "")


def test_what_is_here_is_named(run):
    done = run("resources")
    assert (done.returncode, done.stderr) == (0, "")
    wordnet, model = done.stdout.splitlines()
    assert wordnet.startswith("WordNet 3.0: 117,659 synsets in ") and "(already here)" in wordnet
    assert model.startswith("spaCy's English model 3.8.0: core_web_sm")


def test_the_encoder_is_looked_for_on_its_own(monkeypatch, capsys):
    def missing():
        raise ResourceError("the encoder is not installed")

    monkeypatch.setattr(resources, "encoder_folder", missing)
    monkeypatch.setattr(resources, "ensure_encoder", lambda: print("installed"))
    with pytest.raises(SystemExit):
        resources.main(["--encoder", "--check"])
    assert capsys.readouterr().err == "resources: error: the encoder is not installed\n"
    resources.main(["--encoder"])
    assert capsys.readouterr().out == "installed\n"


def test_the_folder_of_the_encoder_is_printed_for_import_encoder(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(resources, "encoder_folder", lambda: tmp_path)
    resources.main(["--encoder", "--check"])
    assert capsys.readouterr() == (f"{tmp_path}\n", "")
