"""Parts of a ``tokenizer.json`` that may be: those with which chunks give the ids of the sentence.

A chunk is what stands between two spaces. A sentence is normalized and split without a look across
a space, so that its ids are those of its chunks, one after the other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from data_prep.fairseq_format.dictionaries import WORD_START

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MODELS = ("BPE", "Unigram", "WordPiece")
_NORMALIZERS: tuple[str, ...] = (
    "BertNormalizer",
    "Lowercase",
    "NFC",
    "NFD",
    "NFKC",
    "NFKD",
    "Nmt",
    "Precompiled",
)
_NORMALIZERS += ("Replace", "Strip", "StripAccents")
_DROP_SPACES = ("BertPreTokenizer", "Whitespace", "WhitespaceSplit")
_MARK_SPACES = ("ByteLevel", "Metaspace")
_PRE_TOKENIZERS = (*_DROP_SPACES, *_MARK_SPACES, "Digits", "Punctuation")
_RUNS_OF_SPACES = {"Regex": " {2,}"}  # the one pattern that may see spaces, to make them one
_SEQUENCES = ("normalizers", "pretokenizers", "processors")  # keys of their parts
_NO_CHARACTER = "\uffff"
_LONGEST_WORD = 1000  # WordPiece needs time that grows with its square


def check_components(tokenizer: Tokenizer) -> None:
    """Looks at every part of a tokenizer.

    Raises:
        ValueError: it has one with which chunks would not give the ids of the sentence; the message
            names it.
    """
    _check_model(tokenizer.model)
    normalizers, splitters = _parts(tokenizer.normalizer), _parts(tokenizer.pre_tokenizer)
    for part in normalizers:
        _known(part, _NORMALIZERS, "normalizer")
        if part["type"] == "Replace":
            pattern, content = part["pattern"].get("String"), part["content"]
            if _joins_spaces(part):
                continue
            if not pattern or any(map(str.isspace, pattern + content)):
                raise ValueError(f"its normalizer Replace looks for {part['pattern']!s:.60}")
    for part in splitters:
        _known(part, _PRE_TOKENIZERS, "pre-tokenizer")
        if part["type"] == "ByteLevel" and not part["use_regex"]:
            raise ValueError("its pre-tokenizer ByteLevel does not split (use_regex)")
        if part["type"] == "Metaspace" and not (
            part["split"] and part["replacement"] == WORD_START
        ):
            raise ValueError(f"its pre-tokenizer Metaspace does not split, or not at {WORD_START}")
    if not any(part["type"] in _DROP_SPACES + _MARK_SPACES for part in splitters):
        raise ValueError("has no pre-tokenizer that splits at spaces")
    strips = any(part["type"] == "Strip" and part["strip_left"] for part in normalizers)
    if strips and space_matters(tokenizer):
        raise ValueError("its normalizer Strip removes the space that its pre-tokenizer looks for")
    for token in tokenizer.get_added_tokens_decoder().values():
        if not token.special and (
            token.lstrip or token.rstrip or any(map(str.isspace, token.content))
        ):
            raise ValueError(f"its added token {token.content!r:.40} takes spaces, too")


def _check_model(model: Any) -> None:
    name = type(model).__name__
    if name not in _MODELS:
        raise ValueError(f"has the model {name}, not {', '.join(_MODELS)}")
    unknown = getattr(model, "unk_token", None)
    if unknown is not None and model.token_to_id(unknown) is None:
        raise ValueError(f"its vocabulary lacks {unknown!r:.40}, the token of unknown words")
    if name == "Unigram":
        try:
            model.tokenize(_NO_CHARACTER)
        except Exception as error:  # the library has no class of its own
            raise ValueError("has no token of unknown words (unk_id)") from error
    if name == "WordPiece" and model.max_input_chars_per_word > _LONGEST_WORD:
        raise ValueError(f"takes words of more than {_LONGEST_WORD:,} characters")
    if name == "BPE":
        if model.end_of_word_suffix or model.continuing_subword_prefix:
            raise ValueError("marks the end of words, or what continues one, in its BPE")
        model.dropout = None


def space_matters(tokenizer: Tokenizer) -> bool:
    """Whether the first chunk of a text gets other ids than the same chunk after a space."""
    first = _parts(tokenizer.pre_tokenizer)[0]
    if first["type"] in _DROP_SPACES:
        return False
    added = tokenizer.get_added_tokens_decoder().values()
    if any(not token.special for token in added):
        return True  # one of them may follow the space
    if first["type"] == "Metaspace":
        return first["prepend_scheme"] == "never"
    return not first.get("add_prefix_space", False)


def loose_mark(tokenizer: Tokenizer) -> int | None:
    """The id of a bare word mark, where the end of a chunk can have one that its sentence has not.

    A normalizer turns some characters into spaces, as an acute accent that stands alone, and joins
    them with the space behind the chunk.
    """
    first = _parts(tokenizer.pre_tokenizer)[0]
    if first["type"] == "Metaspace" and any(map(_joins_spaces, _parts(tokenizer.normalizer))):
        return tokenizer.token_to_id(WORD_START)
    return None


def _joins_spaces(part: dict[str, Any]) -> bool:
    """Whether a normalizer makes one space, or one mark, of several spaces."""
    return (
        part["type"] == "Replace"
        and part["pattern"] == _RUNS_OF_SPACES
        and part["content"] in (" ", WORD_START)
    )


def enclosing_tokens(tokenizer: Tokenizer) -> tuple[int, int]:
    """The ids of the tokens before and after a single text, [CLS] and [SEP].

    Raises:
        ValueError: others are put there, or none.
    """
    for part in _parts(tokenizer.post_processor):
        if part["type"] in ("BertProcessing", "RobertaProcessing"):
            return part["cls"][1], part["sep"][1]
        if part["type"] == "TemplateProcessing":
            names = [piece.get("SpecialToken", {}).get("id") for piece in part["single"]]
            tokens = [part["special_tokens"].get(name, {}).get("ids", []) for name in names]
            if [len(ids) for ids in tokens] == [1, 0, 1] and names[1] is None:
                return tokens[0][0], tokens[2][0]
        elif part["type"] != "ByteLevel":
            raise ValueError(f"has the post-processor {part['type']}")
    raise ValueError("does not put one token before and one after a text, [CLS] and [SEP]")


def begins_word(tokenizer: Tokenizer, token: str) -> bool:
    """Whether a token begins a word, after a space."""
    prefix = getattr(tokenizer.model, "continuing_subword_prefix", None)
    if prefix:
        return not token.startswith(prefix)
    return token.startswith((WORD_START, _BYTE_SPACE))


_BYTE_SPACE = "\u0120"  # a space, in the alphabet of ByteLevel


def _parts(component: Any) -> list[dict[str, Any]]:
    """The parts of a component, those of sequences one by one."""
    found, waiting = [], [] if component is None else [json.loads(component.__getstate__())]
    while waiting:
        part = waiting.pop(0)
        if part["type"] == "Sequence":
            inner = next(part[key] for key in _SEQUENCES if key in part)
            waiting = [*inner, *waiting]
        else:
            found.append(part)
    return found


def _known(part: dict[str, Any], names: tuple[str, ...], what: str) -> None:
    if part["type"] not in names:
        raise ValueError(f"has the {what} {part['type']}, not one of {', '.join(names)}")
