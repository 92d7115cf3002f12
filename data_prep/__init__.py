"""From raw text to the files that training reads: ``python -m data_prep.<name> --help``."""
