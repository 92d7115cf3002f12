"""The place for downloads, which an error leaves as empty as success does."""

import pytest

from data_prep.errors import InputError
from data_prep.files.published_data import downloads_beside


def test_downloads_are_beside_the_result_and_removed(tmp_path):
    with (
        pytest.raises(RuntimeError, match="broken"),
        downloads_beside(tmp_path / "new" / "bin") as folder,
    ):
        assert folder.parent == tmp_path / "new"
        (folder / "archive.zip").touch()
        raise RuntimeError("broken")
    assert list(tmp_path.iterdir()) == []


def test_errors_of_a_full_disk_name_the_folder(tmp_path):
    with pytest.raises(OSError) as caught, downloads_beside(tmp_path / "bin") as folder:
        raise OSError(27, "File too large", str(folder / "archive.zip"))
    assert caught.value.filename == str(tmp_path / "bin")


def test_nothing_is_downloaded_for_a_folder_that_exists(tmp_path):
    (tmp_path / "mine").touch()
    with pytest.raises(InputError, match="exists already"), downloads_beside(tmp_path):
        pass
