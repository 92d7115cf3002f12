"""Language models: loading, their losses, attacks on a word."""
