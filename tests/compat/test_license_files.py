"""Licenses and notices of an encoder, beside the checkpoints of a training that begins with it."""

import pytest

from data_prep.errors import InputError
from fairseq_cline.compat.license_files import copy_licenses, license_files, licenses_of

NAMES = ["LICENSE", "LICENSE-MIT", "NOTICE.txt", "README.md"]


@pytest.fixture
def encoder(tmp_path):
    folder = tmp_path / "encoder"
    folder.mkdir()
    for name in [*NAMES, "model.pt", "LICENSES", "notice", "readme.md"]:
        (folder / name).write_text(name)
    return folder


def test_only_licenses_notices_and_the_card_are_read(encoder, tmp_path):
    (encoder / "NOTICE").mkdir()
    (encoder / "LICENSE.lost").symlink_to(tmp_path / "nowhere")
    assert [*license_files(encoder)] == NAMES


def test_a_training_takes_those_of_its_encoder_along(encoder, tmp_path):
    for start, folder in (("encoder/model.pt", "first"), ("first/checkpoint_last.pt", "second")):
        (tmp_path / folder).mkdir()
        for _ in range(2):
            copy_licenses(tmp_path / start, str(tmp_path / folder))
        copies = {path.name: path.read_text() for path in (tmp_path / folder / "origin").iterdir()}
        assert copies == {name: name for name in NAMES}


def test_files_beside_any_checkpoint_are_none_of_its_encoder(encoder):
    assert licenses_of(encoder / "checkpoint_last.pt") == {}


def test_a_large_one_is_refused(encoder):
    (encoder / "NOTICE.txt").write_bytes(b"x" * (2 << 20))
    with pytest.raises(InputError, match=r"NOTICE\.txt: has 2,097,152 bytes"):
        license_files(encoder)
