"""Words that may stand in for an English word: WordNet, tags, inflection, names, random words."""
