"""Pure metrics, figures, and one command per question: `python -m fairseq_cline.evaluation.hits`."""
