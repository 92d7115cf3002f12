"""Evaluations: a command for each question, on libraries in folders."""
