#!/usr/bin/env bash
# DCL at the size of two CPU cores: the experiment behind the README's tables. Pre-trains a masked LM
# on WordNet's text, goes on from it with the masked LM alone and with DCL without, with batch and
# with power normalization (equal updates and batches), compares their representations (Figures 2
# and 3), and fine-tunes each on classification sets, tested clean and on invariance sets.
#
#   TASKS="data/mr data/trec" bash run/dcl_wordnet.sh   TASKS: folders with train.tsv and test.tsv,
#                                                       lines of label<TAB>text
#   ROWS="masked_lm power" SEEDS=1 bash run/dcl_wordnet.sh   pre-training and its figures only
#
# Batch of an update: at most 4,096 tokens in pre-training, 32 examples in fine-tuning.
# Expected: run/results/dcl_wordnet/.
#
# Variables: TASKS, OUT (default dcl_wordnet), SEEDS (1 2 3; each pre-trains and fine-tunes anew),
# ROWS (masked_lm none batch power; none-scratch, ...: from random weights), UPDATES of each stage
# (800), EPOCHS of fine-tuning (4). A killed run goes on where it stopped. DRY_RUN=1 prints the
# training commands only. Options at the end are given to each fairseq-train of the pre-training.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${OUT:-$repository/dcl_wordnet}
[[ $out = /* ]] || out=$PWD/$out
updates=${UPDATES:-800}
rows=${ROWS:-masked_lm none batch power}
sizes=(--encoder-layers 3 --encoder-embed-dim 64 --encoder-ffn-embed-dim 256 --max-positions 64)
pretraining_options=("$@") user_options=()
. "$repository/run/finetune.sh"

# pretrain ROW SEED: `start` is the masked LM from nothing; other rows begin with its weights, as the
# authors begin with BERT's, but for those that end in -scratch
pretrain() {
  local folder=$out/u$updates-seed$2/$1 begin=() objective=(--criterion masked_lm)
  if [[ $1 != start && $1 != *-scratch ]]; then
    begin=(--finetune-from-model "$out/u$updates-seed$2/start/checkpoint_last.pt")
  fi
  case ${1%-scratch} in
    none | batch | power)
      # The authors' warm-up of 1,000 is longer than this run. Projections as wide as BYOL's, behind
      # twice the channels of the encoder.
      objective=(--criterion dcl --projection-norm "${1%-scratch}")
      objective+=(--power-norm-warmup $((updates / 10)) --projection-dim 256)
      objective+=(--projection-hidden-dim 128)
      ;;
  esac
  train_once "$folder" fairseq-train "$out/triplets" --user-dir "$repository/fairseq_cline" \
    --cpu --distributed-world-size 1 \
    --task dcl_pretrain --arch dcl_roberta_tiny "${sizes[@]}" --tokens-per-sample 64 \
    --dropout 0.1 --attention-dropout 0.1 --max-tokens 4096 --num-workers 0 \
    --optimizer adam --adam-betas '(0.9, 0.98)' --weight-decay 0.01 --clip-norm 1.0 \
    --lr 1e-3 --lr-scheduler polynomial_decay --warmup-updates $((updates / 10)) \
    --total-num-update "$updates" --max-update "$updates" --no-epoch-checkpoints \
    --save-dir "$folder" --log-format simple --log-interval 100 --seed "$2" \
    "${begin[@]}" "${objective[@]}" "${pretraining_options[@]}"
}

# fine_tune ROW SEED TASK FOLDER: TASK is a data-bin in OUT
fine_tune() {
  local databin=$out/$3 classes=2
  [ -n "${DRY_RUN:-}" ] || classes=$(cut -f 1 "$databin/raw/train.tsv" | sort -u | wc -l)
  # Sizes and rate of the encoder above; of texts longer than 64 tokens the end is cut off.
  ENCODER=$out/u$updates-seed$2/$1/checkpoint_last.pt ARCH=dcl_roberta_tiny \
    NUM_GPUS=1 EPOCHS=${EPOCHS:-4} finetune "$databin" "$4" "$2" 5000 --cpu "${sizes[@]}" \
    --num-classes "$classes" --lr 1e-3 --num-workers 0
}

# prepare_task FOLDER: the data-bin, and the invariance sets of its test set
prepare_task() {
  local name
  name=$(basename "$1")
  [ -e "$out/$name" ] || python -m data_prep.text_classification --train "$1/train.tsv" \
    --test "$1/test.tsv" --tokenizer "$out/spm" --destdir "$out/$name"
  [ -e "$out/$name-invariance" ] ||
    python -m data_prep.invariance_set "$1/test.tsv" --destdir "$out/$name-invariance"
}

# models SEED SUFFIX: ROW=CHECKPOINT of each row
models() {
  local row
  for row in $rows; do
    printf '%s\n' "$row=$out/u$updates-seed$1/$row$2/checkpoint_last.pt"
  done
}

if [ -z "${DRY_RUN:-}" ]; then
  tasks=()
  for folder in ${TASKS:-}; do
    tasks+=("$(cd "$folder" && pwd)")
  done
  . "$repository/run/setup.sh"
  . "$repository/run/wordnet_triplets.sh"
  cd "$repository"
  make_wordnet_triplets "$out"
  for folder in "${tasks[@]}"; do
    prepare_task "$folder"
  done
fi

stages=$rows
for row in $rows; do
  [[ $row = *-scratch ]] || stages="start $rows"
done
for seed in ${SEEDS:-1 2 3}; do
  results=$out/u$updates-seed$seed
  for row in $stages; do
    pretrain "$row" "$seed"
  done
  if [ -z "${DRY_RUN:-}" ]; then
    mapfile -t checkpoints < <(models "$seed" "")
    python -m fairseq_cline.evaluation.representation "${checkpoints[@]}" \
      --data "$out/triplets" --split test --cpu --json "$results/representation.json" \
      --plot "$results/figure3.png" --tsne "$results/figure2.png"
  fi
  for folder in ${TASKS:-}; do
    task=$(basename "$folder")
    for row in $rows; do
      fine_tune "$row" "$seed" "$task" "$results/$row-$task"
    done
    [ -z "${DRY_RUN:-}" ] || continue
    mapfile -t checkpoints < <(models "$seed" "-$task")
    python -m fairseq_cline.evaluation.classify "${checkpoints[@]}" \
      --data "$out/$task" --split test --cpu --json "$results/$task.json"
    python -m fairseq_cline.evaluation.invariance "${checkpoints[@]}" \
      --data "$out/$task" --sets "$out/$task-invariance" --cpu \
      --json "$results/$task-invariance.json" --plot "$results/$task-invariance.png"
  done
done
