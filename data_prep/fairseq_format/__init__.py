"""The files that fairseq reads: dictionaries, binary texts, indices."""
