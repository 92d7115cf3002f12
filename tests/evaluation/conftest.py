"""Commands in this process; toy models of each kind, and the data-bins that they read."""

import inspect

import pytest
from toy_classifier import sets_file  # noqa: F401
from toy_encoders import encoder_checkpoints, text_pairs  # noqa: F401
from toy_language_models import (  # noqa: F401
    language_model,
    language_model_of,
    lm_checkpoints,
    lm_databin,
    log_probabilities,
    write_lm,
)
from toy_opinions import (  # noqa: F401
    give_write_classifier,
    number_databin,
    opinion_classifier,
    opinions,
    pair_databin,
    write_clld,
)
from toy_translation import translation_checkpoints, translation_data  # noqa: F401


@pytest.fixture(scope="session")
def run_main():
    """Runs the main of a command in this process: `run_main(lm_robustness, "--data", ...)`.

    Errors are raised: without the frame that makes one line of them.
    """

    def run(module, *arguments) -> None:
        inspect.unwrap(module.main)([*map(str, arguments)])

    return run
