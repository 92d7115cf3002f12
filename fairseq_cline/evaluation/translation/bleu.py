"""BLEU of raw translations, as sacreBLEU computes it."""

from sacrebleu.metrics import BLEU

from data_prep.errors import InputError


class Bleu:
    """Scores translations against the references, one of each sentence.

    Raises:
        InputError: it has no way to count words of the language.
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
        """What to quote with a figure; there is one once a text was scored."""
        return self._metric.get_signature().format()
