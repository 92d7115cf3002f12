#!/usr/bin/env bash
# CLINE pre-training as in the paper (Wang et al., ACL 2021, section 4.1): RoBERTa-base, 30,000
# updates of 256 triplets of up to 512 tokens, on BookCorpus and Wikipedia, 32 V100 GPUs of 32 GB.
#
# Expected (table 7, CLINE from RoBERTa-base on MR triplets, best layer): Hits 42.1 by [CLS] and
# 42.8 by the mean of all tokens. `python -m fairseq_cline.evaluation.hits` measures both.
# (Not measured here: it takes the corpus and the GPUs above.)
#
#   DATA=data-bin ROBERTA=roberta.base/model.pt SAVE_DIR=checkpoints bash run/cline_pretrain.sh
#
# in an environment with the plug-in (`. .venv/bin/activate`), with these variables:
#   DATA         triplets by data_prep.make_triplets, with the GPT-2 BPE and dict.txt of ROBERTA;
#                several shards as shard0:shard1
#   ROBERTA      fairseq's roberta.base checkpoint, read at the first start
#   SAVE_DIR     checkpoints; the same command goes on from SAVE_DIR/checkpoint_last.pt
#   LAUNCH       local (default): one machine
#                torchrun: the same command on each of NUM_MACHINES, with MACHINE_RANK (0, 1, ...)
#                          and MASTER_ADDR (host of rank 0)
#                slurm: inside `sbatch --nodes N --ntasks-per-node 1 --gpus-per-node G`
#   NUM_GPUS     GPUs of all machines together (default: those of this one on each)
#   BATCH_SIZE   triplets per GPU and step (default 8)
#   UPDATE_FREQ  steps per update (default: 256 / NUM_GPUS / BATCH_SIZE)
#   PORT         of the first machine (default 29500)
#   DRY_RUN=1    prints the command, on one line, and does not run it
# Options at the end (`bash run/cline_pretrain.sh --rtd-weight 0`) are given to fairseq-train.
set -euo pipefail

: "${DATA:?folder of triplets made by data_prep.make_triplets}"
: "${ROBERTA:?checkpoint to start from, roberta.base/model.pt}"
: "${SAVE_DIR:?folder for checkpoints}"
launch=${LAUNCH:-local}
port=${PORT:-29500}
batch_size=${BATCH_SIZE:-8}

fail() {
  echo "cline_pretrain: error: $1" >&2
  exit 1
}

case $launch in
  local) machines=1 ;;
  torchrun)
    machines=${NUM_MACHINES:?number of machines}
    : "${MACHINE_RANK:?0 on the first machine, 1 on the second, ...}"
    : "${MASTER_ADDR:?host name of the first machine}"
    ;;
  slurm) machines=${SLURM_JOB_NUM_NODES:?set by SLURM: run this inside sbatch or salloc} ;;
  *) fail "LAUNCH=$launch is unknown; use local, torchrun or slurm" ;;
esac
gpus_here() { python -c 'import torch; print(torch.cuda.device_count())'; }
num_gpus=${NUM_GPUS:-$(($(gpus_here) * machines))}

for number in "$machines" "$num_gpus" "$batch_size" "${UPDATE_FREQ:-1}"; do
  [[ $number =~ ^[1-9][0-9]*$ ]] ||
    fail "machines, NUM_GPUS, BATCH_SIZE and UPDATE_FREQ must be 1 or more, not '$number'"
done
((num_gpus % machines == 0)) ||
  fail "NUM_GPUS $num_gpus (of all machines) cannot be shared out evenly to $machines machines"
update_freq=${UPDATE_FREQ:-$((256 / (num_gpus * batch_size)))}
if ((num_gpus * batch_size * update_freq != 256)); then
  fail "NUM_GPUS $num_gpus x BATCH_SIZE $batch_size x UPDATE_FREQ $update_freq is not 256; \
choose three that multiply to it"
fi

[ -e "$SAVE_DIR/checkpoint_last.pt" ] || [ -f "$ROBERTA" ] ||
  fail "ROBERTA=$ROBERTA is not a file; name fairseq's roberta.base/model.pt"

plugin=$(python -m fairseq_cline)
train=(fairseq-train "$DATA" --user-dir "$plugin"
  --task cline_pretrain --tokens-per-sample 512 --mask-prob 0.15
  --criterion cline --task-weighting uncertainty --negatives hard
  --arch cline_roberta_base --dropout 0.1 --attention-dropout 0.1
  --optimizer adam --adam-betas '(0.9, 0.999)' --adam-eps 1e-8 --weight-decay 0.01
  --lr-scheduler polynomial_decay --lr 1e-4 --warmup-updates 500 --total-num-update 30000
  --max-update 30000 --batch-size "$batch_size" --update-freq "$update_freq" --fp16
  --distributed-world-size "$num_gpus" --save-dir "$SAVE_DIR" --save-interval-updates 1000
  --keep-interval-updates 2 --no-epoch-checkpoints --log-format simple --log-interval 50 --seed 1)

# fairseq itself goes on from SAVE_DIR/checkpoint_last.pt, unless it is told where to start.
if [ ! -e "$SAVE_DIR/checkpoint_last.pt" ]; then
  train+=(--restore-file "$ROBERTA" --reset-optimizer --reset-dataloader --reset-meters
    --reset-lr-scheduler)
fi

case $launch in
  local) command=("${train[@]}") ;;
  torchrun)
    # fairseq reads rank and size from what torchrun sets.
    command=(torchrun --nnodes "$machines" --node-rank "$MACHINE_RANK"
      --nproc-per-node "$((num_gpus / machines))" --master-addr "$MASTER_ADDR"
      --master-port "$port" --no-python "${train[@]}")
    ;;
  slurm)
    # One task a machine: fairseq asks SLURM for the machines and starts a process per GPU itself.
    command=(srun --ntasks-per-node 1 --kill-on-bad-exit "${train[@]}" --distributed-port "$port")
    ;;
esac
command+=("$@")

if [ "${DRY_RUN:-}" = 1 ]; then
  printf '%q ' "${command[@]}"
  echo
else
  exec "${command[@]}"
fi
