#!/usr/bin/env bash
# ATCL on WikiText-103, as in the paper (Rim et al., 2021): every row of Table 2.
#
#   DATA=data-bin/wikitext103 OUT=checkpoints/wikitext103 bash run/lm_wikitext103.sh
#   ROWS="baseline atcl-n20" DATA=... OUT=... bash run/lm_wikitext103.sh --bf16
#
# Expected, perplexity on validation / test (Table 2; figures of a model that sees the tokens that
# it predicts, see the README: those of a causal one must be higher):
#   baseline 22.70 / 22.42, + Adv. only 21.75 / 21.67, + ATCL n = 5 22.79 / 22.59, n = 10 21.75 / 21.67, n = 20 20.73 / 20.61
# Not measured here: it takes a GPU for days.
#
# The paper's: epsilon 0.03, alpha and beta 0.1, tau 0.07. It leaves the rest to scripts, those of Ma
# et al. (2019), whose model it is, and its own: 6 layers of 256 channels (inner 2,100), rank 40,
# dropout 0.1, N = 80, bands of words up to 20,000, 40,000 and 200,000, all equally wide, Adam with
# learning rate 2.5e-4 and cosine decay to 0, gradients clipped at 0.25.
# Batch of an update: 45 rows (the paper and its script; Ma et al. have 60: `--batch-size 60`).
#
# Each row is evaluated in blocks without context, as there, and, as a second figure, with context.
#
# Variables:
#   DATA     data-bin, of `python -m data_prep.wikitext103 --destdir DATA`
#   OUT      checkpoints, one sub-folder a row
#   ROWS     run/lib/atcl_rows.sh lists them (default: those of the table)
#   UPDATES  default: 200000, as both scripts have; 20000 is theirs for the Penn Treebank
#   DRY_RUN  1 prints the training commands only
# It trains on one GPU. A killed run goes on where it stopped; a row that is done is left alone.
# Options at the end are given to each fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/language_models.sh"
take_language_models adaptive_loss 200000
taken "$@"

train_language_models adaptive_loss tensorized_transformer_lm_wiki103 80 45 5000
