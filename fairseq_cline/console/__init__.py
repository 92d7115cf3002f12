"""``fairseq-cline COMMAND``: every command of both packages under one name."""
