"""Downloads from a server on this machine: what is accepted, and what is said of the rest."""

import hashlib
import io
import socket
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from data_prep.errors import DownloadError, InputError
from data_prep.files import downloads
from data_prep.files.downloads import extract, fetch, find_files, read_members

CONTENT = b"some published text\n" * 50_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """A path says how the server behaves."""

    over = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404)
            return
        if self.path == "/silent":
            self.over.wait()
            return
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/good")
            self.end_headers()
            return
        self.send_response(200)
        if self.path != "/unsized":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if self.path == "/stalled":
            self.wfile.write(CONTENT[:1000])
            self.over.wait()
        elif self.path == "/truncated":
            self.wfile.write(CONTENT[:-1000])
        elif self.path == "/changed":
            self.wfile.write(CONTENT[:-1] + b"!")
        else:
            self.wfile.write(CONTENT)

    def log_message(self, *arguments: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    Handler.over.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        Handler.over.set()
        serving.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def closed() -> str:
    """The address of a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/refused"


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    monkeypatch.setattr(downloads, "TIMEOUT", 0.5)


@pytest.mark.parametrize("path", ["good", "moved", "unsized"])
def test_the_file_gets_its_name(server, tmp_path, path):
    fetch([f"{server}/{path}"], SHA256, tmp_path / "text")
    assert [file.name for file in tmp_path.iterdir()] == ["text"]
    assert (tmp_path / "text").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing", "404"),
        ("silent", "timed out"),
        ("stalled", "timed out"),
        ("truncated", "ended after 999,000 of 1,000,000 bytes"),
        ("changed", "not the published file (its SHA-256 differs)"),
    ],
)
def test_a_bad_source_leaves_nothing(server, tmp_path, path, reason):
    with pytest.raises(DownloadError) as error:
        fetch([f"{server}/{path}"], SHA256, tmp_path / "text")
    message = str(error.value)
    assert message.startswith(f"text cannot be fetched ({server}/{path}: ") and reason in message
    assert message.endswith("get the data another way and name its folder with --raw-dir")
    assert "\n" not in message
    assert list(tmp_path.iterdir()) == []


def test_the_next_source_is_tried(server, closed, tmp_path):
    fetch([closed, f"{server}/changed", f"{server}/good"], SHA256, tmp_path / "text")
    assert (tmp_path / "text").read_bytes() == CONTENT


def test_every_failure_is_listed(server, closed, tmp_path):
    with pytest.raises(DownloadError) as error:
        fetch([closed, f"{server}/truncated"], SHA256, tmp_path / "text")
    refused, truncated = str(error.value).split("; ")[:2]
    assert f"{closed}: " in refused and "refused" in refused
    assert f"{server}/truncated: ended after" in truncated


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def make_tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    inside = tmp_path / "deep" / "down"
    inside.mkdir(parents=True)
    return inside


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_only_named_members_are_written(tmp_path, folder, make):
    members = {"set/a.txt": b"a", "set/b.txt": b"b", "../../escaped": b"!", "/escaped": b"!"}
    archive = make(tmp_path / "archive", members)
    extract(archive, ["set/a.txt", "set/b.txt"], folder)
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert {str(path) for path in written} == {"archive", "deep/down/a.txt", "deep/down/b.txt"}
    assert (folder / "b.txt").read_bytes() == b"b"


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("member", ["../../escaped", "/escaped"])
def test_a_member_that_leads_out_stays_in_the_folder(tmp_path, folder, make, member):
    extract(make(tmp_path / "archive", {member: b"!"}), [member], folder)
    assert [path.name for path in tmp_path.rglob("escaped")] == ["escaped"]
    assert (folder / "escaped").read_bytes() == b"!"


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_a_missing_member_is_named(tmp_path, folder, make):
    archive = make(tmp_path / "archive", {"set/a.txt": b"a"})
    with pytest.raises(DownloadError, match=r"archive is damaged or incomplete \(.*set/b.txt"):
        extract(archive, ["set/b.txt"], folder)


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_a_truncated_archive_is_refused(tmp_path, folder, make):
    noise = b"".join(hashlib.sha256(bytes([i])).digest() for i in range(200))
    archive = make(tmp_path / "archive", {"set/a.txt": noise})
    archive.write_bytes(archive.read_bytes()[:-2000])
    with pytest.raises(DownloadError, match="archive is damaged or incomplete"):
        extract(archive, ["set/a.txt"], folder)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.DIRTYPE])
def test_a_link_or_folder_is_not_taken_for_a_file(tmp_path, folder, kind):
    (tmp_path / "secret").write_bytes(b"secret")
    with tarfile.open(tmp_path / "archive", "w:gz") as archive:
        member = tarfile.TarInfo("set/a.txt")
        member.type, member.linkname = kind, str(tmp_path / "secret")
        archive.addfile(member)
    with pytest.raises(DownloadError, match="archive is damaged or incomplete"):
        extract(tmp_path / "archive", ["set/a.txt"], folder)
    assert list(folder.iterdir()) == []


def test_wanted_members_are_read_and_nothing_is_written(tmp_path, folder):
    members = {"set/a.txt": b"a", "set/b.txt": b"b", "../../escaped": b"!"}
    archive = make_tar(tmp_path / "archive", members)
    with tarfile.open(tmp_path / "links", "w") as out:
        for name, kind in (("set/link", tarfile.SYMTYPE), ("set/folder", tarfile.DIRTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, str(archive)
            out.addfile(member)
    assert dict(read_members(archive, lambda name: name != "set/b.txt")) == {
        "set/a.txt": b"a",
        "../../escaped": b"!",
    }
    assert dict(read_members(tmp_path / "links", lambda name: True)) == {}
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"archive", "links"}


def test_reading_a_truncated_archive_is_refused(tmp_path):
    noise = b"".join(hashlib.sha256(bytes([i])).digest() for i in range(200))
    archive = make_tar(tmp_path / "archive", {"set/a.txt": noise})
    archive.write_bytes(archive.read_bytes()[:-2000])
    with pytest.raises(DownloadError, match="archive is damaged or incomplete"):
        list(read_members(archive, lambda name: True))


@pytest.mark.parametrize("inside", ["", "sub"])
def test_a_copy_is_found(tmp_path, inside):
    place = tmp_path / inside
    place.mkdir(exist_ok=True)
    for name in ("a", "b"):
        (place / name).touch()
    assert find_files(tmp_path, ["a", "b"], "sub") == [place / "a", place / "b"]


def test_an_incomplete_copy_is_refused(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(InputError, match=rf"--raw-dir {tmp_path}: neither .* holds a, b; name"):
        find_files(tmp_path, ["a", "b"], "sub")
