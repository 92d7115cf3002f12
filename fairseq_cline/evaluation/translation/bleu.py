"""BLEU of raw translations, as sacreBLEU computes it."""

from sacrebleu.metrics import BLEU

from data_prep.errors import InputError


class Bleu:
    """Scores translations against the references, one of each sentence.

    Args:
        language: of the references, which decides how they are cut into words.

    Raises:
        InputError: sacreBLEU cannot cut the language into words.
    """

    def __init__(self, references: list[str], language: str):
        try:
            self._metric = BLEU(trg_lang=language, references=[references])
        except RuntimeError as error:  # Japanese and Korean need packages of their own
            message = " ".join(str(error).split())
            raise InputError(f"sacreBLEU cannot cut '{language}' into words: {message}") from error

    def __call__(self, lines: list[str]) -> float:
        return self._metric.corpus_score(lines, None).score

    @property
    def signature(self) -> str:
        """The settings to quote with a figure; they are known once a text was scored."""
        return self._metric.get_signature().format()
