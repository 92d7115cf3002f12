#!/usr/bin/env bash
# DCL pre-training as in the paper (Chen et al., 2021, sections 4.3 and 5.1): the size of BERT-base,
# BERT's corpus and number of updates, 256 pairs an update on eight GPUs.
#
# Batch of an update: 256 pairs.
#
# Expected: GLUE average 83.0, against 82.3 of BERT (table 1; run/glue.sh fine-tunes and measures),
# and in the log of the pre-training positive_cosine 0.98 and random_cosine 0.79 (figure 3).
# (Not measured here: it takes the corpus and the GPUs above.)
#
#   DATA=data-bin SAVE_DIR=checkpoints/dcl bash run/dcl_pretrain.sh
#   DATA=data-bin ENCODER=bert SAVE_DIR=... bash run/dcl_pretrain.sh \
#     --max-update 30000
#
# The paper's: Adam, cosine decay, learning rate 1e-5, 32 pairs on each of eight GPUs, and BERT's
# 1,000,000 updates. Its learning rate is low for an encoder that starts from nothing (BERT: 1e-4,
# `--lr 1e-4`). BERT's: warm-up, weight decay, dropout, 15% masked tokens. The authors' code: momentum
# 0.996, projections of 128 channels behind 512, and the statistics of the batch in the first 1,000
# updates of power normalization.
#
# In an environment with the plug-in (`. .venv/bin/activate`), with these variables:
#   DATA         triplets by data_prep.make_triplets, of which the antonyms are not read; several
#                shards as shard0:shard1
#   SAVE_DIR     checkpoints; the same command goes on from SAVE_DIR/checkpoint_last.pt
#   ENCODER      the encoder to continue: a folder of fairseq_cline.import_encoder, or a RoBERTa, CLINE
#                or masked-LM checkpoint; read at the first start (default: none). DATA then has
#                its tokenizer
#   BATCH_SIZE   pairs per GPU and step (default 32)
# and NUM_GPUS, UPDATE_FREQ, DRY_RUN and, for several machines, LAUNCH, PORT and others:
# run/pretrain_launch.sh lists them.
# Options at the end (`bash run/dcl_pretrain.sh --projection-norm none`) are given to fairseq-train.
set -euo pipefail

: "${DATA:?folder of triplets made by data_prep.make_triplets}"
: "${SAVE_DIR:?folder for checkpoints}"
user_options=("$@")
. "$(dirname "${BASH_SOURCE[0]}")/pretrain_launch.sh"

share_out 32
start=()
arch=dcl_roberta_base
if [ -n "${ENCODER:-}" ]; then
  start_from "$ENCODER"
  arch=dcl_bert
fi
plugin=$(python -m fairseq_cline)
launch fairseq-train "$DATA" --user-dir "$plugin" \
  --task dcl_pretrain --tokens-per-sample 512 --mask-prob 0.15 \
  --momentum 0.996 --momentum-schedule constant --projection-norm power --power-norm-warmup 1000 \
  --projection-dim 128 --projection-hidden-dim 512 \
  --criterion dcl --mlm-weight 1 --alignment-weight 1 \
  --arch "$arch" --dropout 0.1 --attention-dropout 0.1 \
  --optimizer adam --adam-betas '(0.9, 0.999)' --adam-eps 1e-6 --weight-decay 0.01 \
  --lr-scheduler cosine --lr 1e-5 --warmup-updates 10000 --max-update 1000000 \
  --batch-size "$batch_size" --update-freq "$update_freq" --fp16 \
  --distributed-world-size "$num_gpus" --save-dir "$SAVE_DIR" --save-interval-updates 1000 \
  --keep-interval-updates 2 --no-epoch-checkpoints --log-format simple --log-interval 50 --seed 1 \
  "${start[@]}"
