"""Files of --bpe that cannot be read are one line; fairseq leaves their libraries' tracebacks."""

from typing import Any

from fairseq.data import encoders

from data_prep.errors import InputError
from fairseq_cline.compat.patching import Wrapper, patch

_FILES = (
    *("sentencepiece_model", "sentencepiece_model_path", "gpt2_encoder_json", "gpt2_vocab_bpe"),
    *("bpe_codes", "bpe_merges", "bpe_vocab"),
)


def build_encoder(stock: Wrapper, cfg: Any, *args: Any, **kwargs: Any) -> Any:
    """Builds what --bpe names.

    Raises:
        InputError: its files are missing, or are not of that kind.
    """
    try:
        return stock(cfg, *args, **kwargs)
    except (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError) as error:
        named = {name: getattr(cfg, name, None) for name in _FILES}
        files = [f"--{name.replace('_', '-')} {path}" for name, path in named.items() if path]
        if not files:
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{', '.join(files)}: cannot be read ({reason}); give the files with which the text of "
            "the model was encoded"
        ) from error


def prepare() -> None:
    """Puts ``build_encoder`` in the place of fairseq's."""
    patch(encoders, "build_bpe", build_encoder)
