"""Network parts that know nothing of fairseq."""
