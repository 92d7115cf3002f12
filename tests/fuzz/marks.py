"""Byte order marks before every text that a program reads: they must change nothing."""

from pathlib import Path

from fuzz.entry import Entry
from fuzz.formats import (
    ATTACK_LOG,
    REPORT,
    REPORTS_FOLDER,
    SEED_REPORT,
    TABLE,
    TEXT_FILE,
    WINDOWS_TEXT,
)

from data_prep.files.byte_order_marks import MARK
from data_prep.files.manifests import MANIFEST

TEXTS = (TABLE, TEXT_FILE, WINDOWS_TEXT, REPORT, REPORTS_FOLDER, ATTACK_LOG, SEED_REPORT)


def put_marks(entry: Entry, folder: Path) -> int:
    """Puts a mark before each text of an entry, save those of a data-bin, which are verified.

    Args:
        folder: that of the run.

    Returns:
        The number of the texts.
    """
    texts = [
        path
        for path in sorted((folder / "in").rglob("*"))
        if path.is_file()
        and entry.format_of(str(path.relative_to(folder))) in TEXTS
        and not (path.parent / MANIFEST).exists()
    ]
    for path in texts:
        path.write_bytes(MARK + path.read_bytes())
    return len(texts)
