#!/usr/bin/env bash
# CLINE pre-training as in the paper (Wang et al., ACL 2021, section 4.1): RoBERTa-base, 30,000
# updates of 256 triplets of up to 512 tokens, on BookCorpus and Wikipedia, 32 V100 GPUs of 32 GB.
#
# Batch of an update: 256 triplets.
#
# Expected (table 7, CLINE from RoBERTa-base on MR triplets, best layer): Hits 42.1 by [CLS] and
# 42.8 by the mean of all tokens. `python -m fairseq_cline.evaluation.hits` measures both.
# (Not measured here: it takes the corpus and the GPUs above.)
#
#   DATA=data-bin ENCODER=roberta SAVE_DIR=checkpoints bash run/cline_pretrain.sh
#
# in an environment with the plug-in (`. .venv/bin/activate`), with these variables:
#   DATA         triplets by data_prep.make_triplets, with the tokenizer of ENCODER; several shards as
#                shard0:shard1
#   ENCODER      the encoder to continue: a folder of fairseq_cline.import_encoder, or a checkpoint, as
#                fairseq's roberta.base/model.pt; read at the first start
#   SAVE_DIR     checkpoints; the same command goes on from SAVE_DIR/checkpoint_last.pt
#   BATCH_SIZE   triplets per GPU and step (default 8)
# and NUM_GPUS, UPDATE_FREQ, DRY_RUN and, for several machines, LAUNCH, PORT and others:
# run/pretrain_launch.sh lists them.
# Options at the end (`bash run/cline_pretrain.sh --rtd-weight 0`) are given to fairseq-train.
set -euo pipefail

: "${DATA:?folder of triplets made by data_prep.make_triplets}"
: "${ENCODER:?encoder to start from, by fairseq_cline.import_encoder}"
: "${SAVE_DIR:?folder for checkpoints}"
user_options=("$@")
. "$(dirname "${BASH_SOURCE[0]}")/pretrain_launch.sh"

share_out 8
start_from "$ENCODER"
plugin=$(python -m fairseq_cline)
launch fairseq-train "$DATA" --user-dir "$plugin" \
  --task cline_pretrain --tokens-per-sample 512 --mask-prob 0.15 \
  --criterion cline --task-weighting uncertainty --negatives hard \
  --arch cline_bert --dropout 0.1 --attention-dropout 0.1 \
  --optimizer adam --adam-betas '(0.9, 0.999)' --adam-eps 1e-8 --weight-decay 0.01 \
  --lr-scheduler polynomial_decay --lr 1e-4 --warmup-updates 500 --total-num-update 30000 \
  --max-update 30000 --batch-size "$batch_size" --update-freq "$update_freq" --fp16 \
  --distributed-world-size "$num_gpus" --save-dir "$SAVE_DIR" --save-interval-updates 1000 \
  --keep-interval-updates 2 --no-epoch-checkpoints --log-format simple --log-interval 50 --seed 1 \
  "${start[@]}"
