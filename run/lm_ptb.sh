#!/usr/bin/env bash
# ATCL on the Penn Treebank, as in the paper (Rim et al., 2021): every row of Table 2.
#
#   DATA=data-bin/ptb OUT=checkpoints/ptb bash run/lm_ptb.sh
#   ROWS="baseline atcl-n10" DATA=... OUT=... bash run/lm_ptb.sh --bf16
#
# Expected, perplexity on validation / test (Table 2; figures of a model that sees the tokens that
# it predicts, see the README: those of a causal one must be higher):
#   baseline 41.91 / 36.13, + Adv. only 42.68 / 36.46, + ATCL n = 5 37.93 / 32.89, n = 10 35.29 / 29.08, n = 20 42.52 / 36.85
# Not measured here: it takes a GPU for hours.
#
# The paper's: epsilon 0.03, alpha and beta 0.1, tau 0.07. It leaves the rest to scripts, those of Ma
# et al. (2019), whose model it is, and its own: 3 layers of 256 channels (inner 2,100), rank 40,
# dropout 0.3, tied embeddings, N = 32, Adam with learning rate 2.5e-4 and cosine decay to 0,
# gradients clipped at 0.25.
# Batch of an update: 120 rows (both scripts; the paper's text says 45: `--batch-size 45`).
#
# Each row is evaluated in blocks without context, as there, and, as a second figure, with context.
#
# Variables:
#   DATA     data-bin, of `python -m data_prep.ptb --destdir DATA`
#   OUT      checkpoints, one sub-folder a row
#   ROWS     run/lib/atcl_rows.sh lists them (default: those of the table)
#   UPDATES  default: 20000, Ma et al.'s; the script of ATCL has 200000
#   DRY_RUN  1 prints the training commands only
# It trains on one GPU. A killed run goes on where it stopped; a row that is done is left alone.
# Options at the end are given to each fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/language_models.sh"
take_language_models cross_entropy 20000
taken "$@"

train_language_models cross_entropy tensorized_transformer_lm_ptb 32 120 1000
