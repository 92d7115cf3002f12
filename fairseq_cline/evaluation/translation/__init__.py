"""Translation models: loading, their text, attacks on the source."""
