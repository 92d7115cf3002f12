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
#   DATA=data-bin ENCODER=encoder OUT=checkpoints bash run/cline_pretrain.sh
#
# in an environment with the plug-in (`. .venv/bin/activate`). The paper's encoder is RoBERTa-base, in
# either of two forms, both for ENCODER here and for --tokenizer of data_prep.make_triplets:
#   * a folder of the Hugging Face Hub, downloaded:
#       python -m fairseq_cline.import_encoder roberta-base --destdir encoder
#   * fairseq's own: model.pt of https://dl.fbaipublicfiles.com/fairseq/models/roberta.base.tar.gz and,
#     beside it, its tokenizer: encoder.json, vocab.bpe and dict.txt of
#     https://dl.fbaipublicfiles.com/fairseq/gpt2_bpe/ (as fairseq's examples/roberta has them)
#
# Variables:
#   DATA          triplets by data_prep.make_triplets, with the tokenizer of ENCODER; several shards as
#                 shard0:shard1
#   ENCODER       the encoder to continue: a folder with model.pt (above), or a checkpoint; read at the
#                 first start
#   OUT           checkpoints; the same command goes on from OUT/checkpoint_last.pt
#   BATCH_SIZE    triplets per GPU and step (default: 8, less on many GPUs)
#   UPDATE_FREQ   steps per update (default: what makes 256 triplets an update)
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
# Options at the end (`bash run/cline_pretrain.sh --rtd-weight 0`) are given to fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/pretrain_launch.sh"
take DATA text
take ENCODER path
take OUT path
take_launch
taken "$@"

share_out 8
start_from "$encoder"
pretrain --task cline_pretrain --arch cline_bert \
  --criterion cline --task-weighting uncertainty --negatives hard --adam-eps 1e-8 \
  --lr-scheduler polynomial_decay --lr 1e-4 --warmup-updates 500 --total-num-update 30000 \
  --max-update 30000
