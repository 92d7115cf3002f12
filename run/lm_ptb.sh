#!/usr/bin/env bash
# ATCL on the Penn Treebank, as in the paper (Rim et al., 2021): every row of Table 2.
#
#   DATA=data-bin/ptb SAVE_DIR=checkpoints/ptb bash run/lm_ptb.sh
#   ROWS="baseline atcl-n10" DATA=... SAVE_DIR=... bash run/lm_ptb.sh --bf16
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
#   DATA       `python -m data_prep.ptb --destdir DATA`
#   SAVE_DIR   checkpoints, one sub-folder a row
#   ROWS       run/atcl_rows.sh lists them (default: those of the table)
#   UPDATES    default: 20000, Ma et al.'s; the script of ATCL has 200000
# It trains on one GPU. A killed run goes on where it stopped; a row that is done is left alone.
# DRY_RUN=1 prints the training commands only. Options at the end are given to each fairseq-train.
set -euo pipefail

: "${DATA:?data-bin made by data_prep.ptb}"
: "${SAVE_DIR:?folder for checkpoints, one sub-folder a row}"
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
user_options=("$@")
. "$repository/run/atcl_rows.sh"
. "$repository/run/lm_perplexity.sh"

for row in ${ROWS:-baseline adversarial atcl-n5 atcl-n10 atcl-n20}; do
  train_row "$row" cross_entropy "$SAVE_DIR/$row" \
    fairseq-train "$DATA" --user-dir "$repository/fairseq_cline" \
    --task atcl_lm --arch tensorized_transformer_lm_ptb --tokens-per-sample 32 \
    --batch-size 120 --required-batch-size-multiple 1 --distributed-world-size 1 \
    --ddp-backend legacy_ddp --optimizer adam --clip-norm 0.25 --lr 2.5e-4 --lr-scheduler cosine \
    --max-update "${UPDATES:-20000}" --seed 1 --save-interval-updates 1000 \
    --keep-interval-updates 1 --no-epoch-checkpoints --log-interval 100
  perplexities "$row" "$SAVE_DIR/$row/checkpoint_best.pt" 32
done
