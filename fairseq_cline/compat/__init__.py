"""Prepares fairseq 0.12 for torch >= 2.10 and numpy 2, on import.

One idea a file: safe and whole checkpoints, what a checkpoint's configuration may decide, models
that are built from it, the start of a training, its end by divergence, by a signal and by Ctrl-C, logs for
other programs, help, half precision on every machine, numbers of fairseq's own options, files of --bpe,
evaluations of no row, the adaptive soft-max of some models, mends of fairseq that change numbers,
verified data, one-line messages, and what does not run at all on newer versions.
"""

from fairseq_cline.compat import (
    adaptive_softmax,
    building,
    checkpoints,
    divergence,
    fairseq_fixes,
    first_moments,
    full_help,
    half_precision,
    interruptions,
    messages,
    newer_versions,
    option_texts,
    scored_rows,
    signals_to_all,
    stock_options,
    stop_signals,
    subword_files,
    trainings,
    verified_data,
)

for _part in (
    checkpoints,
    building,
    trainings,
    half_precision,
    divergence,
    stock_options,
    option_texts,
    scored_rows,
    subword_files,
    messages,
    newer_versions,
    fairseq_fixes,
    adaptive_softmax,
    verified_data,
    stop_signals,
    signals_to_all,
    full_help,
    interruptions,
    first_moments,
):
    _part.prepare()
