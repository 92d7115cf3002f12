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
#   DATA=data-bin OUT=checkpoints/dcl bash run/dcl_pretrain.sh
#   DATA=data-bin ENCODER=bert OUT=checkpoints/dcl bash run/dcl_pretrain.sh --max-update 30000
#
# in an environment with the plug-in (`. .venv/bin/activate`). ENCODER: run/cline_pretrain.sh says where
# RoBERTa-base and its tokenizer come from.
#
# The paper's: Adam, cosine decay, learning rate 1e-5, 32 pairs on each of eight GPUs, and BERT's
# 1,000,000 updates. Its learning rate is low for an encoder that starts from nothing (BERT: 1e-4,
# `--lr 1e-4`). BERT's: warm-up, weight decay, dropout, 15% masked tokens. The authors' code: momentum
# 0.996, projections of 128 channels behind 512, and the statistics of the batch in the first 1,000
# updates of power normalization.
#
# Variables:
#   DATA          triplets by data_prep.make_triplets, of which the antonyms are not read; several
#                 shards as shard0:shard1
#   ENCODER       the encoder to continue: a folder of fairseq_cline.import_encoder, or a RoBERTa, CLINE
#                 or masked-LM checkpoint; read at the first start (default: none). DATA then has
#                 its tokenizer
#   OUT           checkpoints; the same command goes on from OUT/checkpoint_last.pt
#   BATCH_SIZE    pairs per GPU and step (default: 32, less on many GPUs)
#   UPDATE_FREQ   steps per update (default: what makes 256 pairs an update)
#   NUM_GPUS      GPUs of all machines together (default: those of this one on each). Without a GPU it
#                 trains on the CPU
#   PRECISION     fp16, bf16 or fp32 (default: fp16 on GPUs, fp32 on the CPU)
#   LAUNCH        local (default): one machine
#                 torchrun: the same command on each machine
#                 slurm: inside `sbatch --nodes N --ntasks-per-node 1 --gpus-per-node G`
#   NUM_MACHINES  with torchrun: how many
#   MACHINE_RANK  with torchrun: 0 on the first machine, 1 on the second, ...
#   MASTER_ADDR   with torchrun: host name of the first machine
#   PORT          of the first machine (default: 29500)
#   DRY_RUN       1 prints the command, on one line, and does not run it
# Options at the end (`bash run/dcl_pretrain.sh --projection-norm none`) are given to fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/pretrain_launch.sh"
take DATA text
take ENCODER path ""
take OUT path
take_launch
taken "$@"

share_out 32
start=() arch=dcl_roberta_base
if [ -n "$encoder" ]; then
  start_from "$encoder"
  arch=dcl_bert
fi
pretrain --task dcl_pretrain --arch "$arch" \
  --momentum 0.996 --momentum-schedule constant --projection-norm power --power-norm-warmup 1000 \
  --projection-dim 128 --projection-hidden-dim 512 \
  --criterion dcl --mlm-weight 1 --alignment-weight 1 --adam-eps 1e-6 \
  --lr-scheduler cosine --lr 1e-5 --warmup-updates 10000 --max-update 1000000
