#!/usr/bin/env bash
# DCL at the size of two CPU cores: the experiment behind the README's tables. Pre-trains a masked LM
# on WordNet's text, goes on from it with the masked LM alone and with DCL without, with batch and
# with power normalization (equal updates and batches), compares their representations (Figures 2
# and 3), and fine-tunes each on classification sets, tested clean and on invariance sets.
#
#   TEXT=data TASKS="mr trec" bash run/dcl_wordnet.sh
#   ROWS="masked_lm power" SEEDS=1 bash run/dcl_wordnet.sh   pre-training and its figures only
#
# Batch of an update: at most 4,096 tokens in pre-training, 32 examples in fine-tuning.
# Expected: run/results/dcl_wordnet/.
#
# Variables:
#   TEXT     folder with TASK/train.tsv and TASK/test.tsv, lines of label<TAB>text (default: none)
#   TASKS    default: all in TEXT
#   OUT      data-bins, models and figures (default: dcl_wordnet)
#   SEEDS    default: 1 2 3; each pre-trains and fine-tunes anew
#   ROWS     default: masked_lm none batch power; none-scratch, batch-scratch and power-scratch begin
#            with random weights
#   UPDATES  of each stage (default: 800)
#   EPOCHS   of fine-tuning (default: 4)
#   DRY_RUN  1 prints the training commands only
# A killed run goes on where it stopped; a model that is done is left alone. Options at the end are given
# to each fairseq-train of the pre-training.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/finetune.sh"
. "$repository/run/lib/text_tasks.sh"
. "$repository/run/lib/wordnet_triplets.sh"
take TEXT path ""
take TASKS words ""
take OUT path dcl_wordnet
take SEEDS numbers "1 2 3"
take ROWS words "masked_lm none batch power" \
  "masked_lm none batch power masked_lm-scratch none-scratch batch-scratch power-scratch"
take UPDATES number 800
take EPOCHS number 4
take DRY_RUN switch ""
taken "$@"
choose_tasks
sizes=(--encoder-layers 3 --encoder-embed-dim 64 --encoder-ffn-embed-dim 256 --max-positions 64)

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
    "${begin[@]}" "${objective[@]}" "${user_options[@]}"
}

# fine_tune ROW SEED TASK FOLDER
fine_tune() {
  local databin=$out/$3 classes=2 num_gpus=1 arch=dcl_roberta_tiny user_options=()
  local encoder=$out/u$updates-seed$2/$1/checkpoint_last.pt
  [ -n "$dry_run" ] || classes=$(cut -f 1 "$databin/raw/train.tsv" | sort -u | wc -l)
  # Sizes and rate of the encoder above; of texts longer than 64 tokens the end is cut off.
  finetune "$databin" "$4" "$2" 5000 --cpu "${sizes[@]}" --num-classes "$classes" --lr 1e-3 \
    --num-workers 0
}

# evaluate SUFFIX COMMAND...: of the model of each row
evaluate() {
  local row suffix=$1 models=()
  shift
  for row in $rows; do
    models+=("$row=$results/$row$suffix/checkpoint_last.pt")
  done
  python -m "fairseq_cline.evaluation.$1" "${models[@]}" "${@:2}" --cpu
}

if [ -z "$dry_run" ]; then
  . "$repository/run/setup.sh"
  make_wordnet_triplets "$out"
  for task in $tasks; do
    make_databin "$task" 1 "$out/$task" --tokenizer "$out/spm"
    [ -e "$out/$task-invariance" ] || python -m data_prep.invariance_set "$text/$task/test.tsv" \
      --destdir "$out/$task-invariance"
  done
fi

stages=$rows
for row in $rows; do
  [[ $row = *-scratch ]] || stages="start $rows"
done
for seed in $seeds; do
  results=$out/u$updates-seed$seed
  for row in $stages; do
    pretrain "$row" "$seed"
  done
  [ -n "$dry_run" ] || evaluate "" representation --data "$out/triplets" --split test \
    --json "$results/representation.json" --plot "$results/figure3.png" \
    --tsne "$results/figure2.png"
  for task in $tasks; do
    for row in $rows; do
      fine_tune "$row" "$seed" "$task" "$results/$row-$task"
    done
    [ -z "$dry_run" ] || continue
    evaluate "-$task" classify --data "$out/$task" --split test --json "$results/$task.json"
    evaluate "-$task" invariance --data "$out/$task" --sets "$out/$task-invariance" \
      --json "$results/$task-invariance.json" --plot "$results/$task-invariance.png"
  done
done
