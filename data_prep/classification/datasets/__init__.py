"""Published data sets of classification, one a file."""
