"""The model card of an export: README.md with the front matter that Hugging Face's hub reads."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_prep.errors import InputError
from data_prep.files.manifests import MANIFEST, read_manifest
from data_prep.files.text_tables import markdown
from fairseq_cline.compat.building import options_of
from fairseq_cline.pretrained.hub_config import HubConfig
from fairseq_cline.pretrained.hub_options import CLASSES

UNKNOWN = "unknown"
_LICENSE = re.compile(r"[\w.-]{1,60}", re.ASCII)
# Licenses of the hub that have a text of their own: "other" and "unknown" say nothing.
_LICENSES = {
    *("apache-2.0", "mit", "afl-3.0", "artistic-2.0", "bsl-1.0", "bsd", "bsd-2-clause"),
    *("bsd-3-clause", "bsd-3-clause-clear", "isc", "ms-pl", "ncsa", "postgresql", "unlicense"),
    *("wtfpl", "zlib", "cc", "cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0"),
    *("cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0"),
    *("cc-by-nd-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0"),
    *("cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cdla-sharing-1.0", "cdla-permissive-1.0"),
    *("cdla-permissive-2.0", "ecl-2.0", "epl-1.0", "epl-2.0", "eupl-1.1", "eupl-1.2", "agpl-3.0"),
    *("gpl", "gpl-2.0", "gpl-3.0", "lgpl", "lgpl-2.1", "lgpl-3.0", "mpl-2.0", "osl-3.0", "ofl-1.1"),
    *("odbl", "odc-by", "pddl", "openrail", "bigscience-openrail-m", "bigscience-bloom-rail-1.0"),
    *("creativeml-openrail-m", "llama2", "llama3", "gemma"),
}
_FRONT_MATTER = re.compile(r"---\n(.*?)^---$", re.DOTALL | re.MULTILINE)
_LICENSE_LINE = re.compile(r"^license:[ ]*([\"']?)([\w.-]+)\1[ ]*$", re.ASCII | re.MULTILINE)
_TASKS = {
    "": "feature-extraction",
    "masked_lm": "fill-mask",
    "classifier": "text-classification",
}
_USE = """from transformers import AutoTokenizer, Auto{class_name}

tokenizer = AutoTokenizer.from_pretrained("FOLDER")
model = Auto{class_name}.from_pretrained("FOLDER")
"""
_SENTENCE_USE = """from sentence_transformers import SentenceTransformer

model = SentenceTransformer("FOLDER")
vectors = model.encode(["A man plays a flute.", "Nobody plays."])
"""
# Parts of a configuration whose numbers say how a model was trained.
_PARTS = ("criterion", "optimization", "optimizer", "lr_scheduler", "dataset")
_OPTIONS = {
    "optimization": ("max_update", "update_freq", "lr", "clip_norm"),
    "dataset": ("batch_size", "max_tokens"),
}


@dataclass(frozen=True)
class Origin:
    """Facts of an export that its files do not show."""

    name: str
    """Title of the card."""
    training: Mapping[str, Any]
    """Fact -> value, from `training_facts`."""
    data: Sequence[str]
    """Lines on the data-bin; []: not given."""
    results: Sequence[str]
    """Sections with the tables of reports, in Markdown."""
    provenance: Mapping[str, Any]
    """Command, commit and date of the export."""
    license: str = UNKNOWN
    left_out: Sequence[str] = ()
    """Parts of the checkpoint that the export has not."""


def check_license(name: str) -> None:
    """Raises InputError when a license is no plain word, which a card could not hold."""
    if not _LICENSE.fullmatch(name):
        raise InputError(
            f"--license {name!r:.60}: no short name of a license; give one as the hub has them, such "
            "as apache-2.0"
        )


def license_in(text: bytes) -> str:
    """The license that a card names in its front matter, if it is a common one; else ``UNKNOWN``."""
    lines = text.decode("utf-8", errors="replace").replace("\r\n", "\n")
    front_matter = _FRONT_MATTER.match(lines)
    found = _LICENSE_LINE.search(front_matter[1]) if front_matter else None
    return found[2].lower() if found and found[2].lower() in _LICENSES else UNKNOWN


def training_facts(state: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    """The facts of its training that a checkpoint knows.

    Args:
        state: of the checkpoint, as it was read with care: its configuration holds no free text.
        sha256: of its file.
    """
    cfg = state["cfg"]
    model, task = options_of(cfg.get("model")), options_of(cfg.get("task"))
    updates = state["optimizer_history"][-1].get("num_updates")
    facts = {
        "architecture": model.get("arch") or model.get("_name"),
        "updates": updates or "none, as it was imported",
        "sentence feature": model.get("sentence_feature"),
    }
    if updates:
        facts["task"] = task.get("_name")
        facts["criterion"] = options_of(cfg.get("criterion")).get("_name")
        facts["seed"] = options_of(cfg.get("common")).get("seed")
    for part in _PARTS if updates else ():
        options = options_of(cfg.get(part))
        for name in _OPTIONS.get(part, [*options]):
            value = options.get(name)
            is_choice = isinstance(value, str) and not name.startswith("_")
            if is_choice or (isinstance(value, int | float | list) and not isinstance(value, bool)):
                facts[f"{part}: {name}"] = value
    facts["SHA-256 of the checkpoint"] = sha256
    return {name: value for name, value in facts.items() if value is not None}


def data_facts(folder: str | None) -> list[str]:
    """Lines on a data-bin: its name and kind, the SHA-256 of its manifest, and its splits.

    Raises:
        InputError: its manifest is missing or damaged.
    """
    if folder is None:
        return []
    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(f"--data {folder}: has no {MANIFEST}; give a data-bin that is made here")
    content = manifest.content
    name = os.path.basename(os.path.realpath(folder))
    lines = [f"`{name}`, a data-bin of the kind {content['format']}"]
    lines.append(f"SHA-256 of its manifest, which has those of all files: {content['sha256']}")
    splits = content.get("splits")
    for split, facts in splits.items() if isinstance(splits, dict) else ():
        counts = facts.items() if isinstance(facts, dict) else ()
        numbers = [f"{key} {value:,}" for key, value in counts if type(value) is int]
        lines.append(f"{split}: {', '.join(numbers)}" if numbers else split)
    return lines


def card(config: HubConfig, head: str, feature: str | None, origin: Origin) -> str:
    """The text of a card.

    Args:
        head: a key of ``hub_options.CLASSES``.
        feature: cls or mean, of a model for sentence-transformers; None: of one for transformers.
    """
    library = "transformers" if feature is None else "sentence-transformers"
    task = _TASKS[head] if feature is None else "sentence-similarity"
    tags = dict.fromkeys(["fairseq-cline", library, task, config.kind])
    options = config.options
    class_name = f"{CLASSES[head]}".replace("For", "ModelFor")
    use = _USE.format(class_name=class_name) if feature is None else _SENTENCE_USE
    lines = ["---", f"license: {origin.license}", f"library_name: {library}"]
    lines += [f"pipeline_tag: {task}", "tags:", *(f"- {tag}" for tag in tags), "---", ""]
    lines += [f"# {origin.name}", ""]
    lines.append(
        f"An encoder of type {config.kind}: {options['encoder_layers']} layers x "
        f"{options['encoder_embed_dim']} channels, {config.vocabulary:,} tokens, at most "
        f"{options['max_positions']} a text. It is equal to a checkpoint of "
        "fairseq with the plug-in fairseq_cline."
    )
    if feature is not None:
        lines += ["", f"A text is read as one vector: {_FEATURES[feature]}."]
    lines += ["", "## Use", "", "```python", use.rstrip(), "```", "", "## Training", ""]
    lines.append(
        markdown(
            ["fact", "value"],
            [[_cell(name), _cell(value)] for name, value in origin.training.items()],
        )
    )
    lines += ["", "## Data", ""]
    lines += [f"- {line}" for line in origin.data] or ["Not given when it was exported."]
    lines += ["", "## Results", ""]
    lines += ["\n\n".join(origin.results) or "Not given when it was exported."]
    lines += ["", "## Export", ""]
    lines += [f"- {key}: `{value}`" for key, value in origin.provenance.items()]
    if origin.left_out:
        lines.append(f"- left out of the checkpoint: {', '.join(origin.left_out)}")
    return "\n".join(lines) + "\n"


_FEATURES = {"cls": "the features of its first token", "mean": "the mean of its tokens' features"}


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
