#!/usr/bin/env bash
# Robustness at the size of two CPU cores, the whole chain: pre-trains small models on WordNet's text
# and the reviews of a training set, then hands them to run/cline_tables.sh, which fine-tunes them
# with and without FreeLB and tests them on contrast sets and under attack.
#
#   COUNTERFACTUAL=sentiment bash run/robustness.sh      folder with {train,dev,test}_paired.tsv of
#                                                        Kaushik et al. (2020)
#   SEEDS=1 ROWS="masked_lm cline" COUNTERFACTUAL=sentiment bash run/robustness.sh
#
# Each row goes on from the same masked LM for as many updates with the same batches:
#   masked_lm       the baseline
#   cline           CLINE
#   cline-no-rtd    without replaced-token detection (Table 6)
#   cline-random    other sentences instead of hard negatives (Table 6)
#   dcl             DCL with batch normalization (power normalization does nothing here: README)
# Training reads the original reviews; their rewritten ones, which change the label, are for testing.
#
# Batch of an update: 16 triplets in pre-training (DCL: pairs), 8 examples in fine-tuning.
# Expected: run/results/robustness/.
#
# Variables: COUNTERFACTUAL, OUT (default robustness), ROWS, START (updates of the masked LM that all
# go on from, 500), UPDATES (of each row, 250), SEEDS (1 2 3; each pre-trains and fine-tunes models of
# its own), METHODS (vanilla freelb), PASSES of fine-tuning over the data (3), LEARNING_RATES (1e-3),
# ATTACK_LIMIT (examples to attack, 100). A killed run goes on where it stopped. DRY_RUN=1 prints the
# training commands only. Options at the end are given to each fairseq-train of the pre-training.
set -euo pipefail

: "${COUNTERFACTUAL:?folder with train_paired.tsv, dev_paired.tsv and test_paired.tsv}"
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${OUT:-$repository/robustness}
[[ $out = /* ]] || out=$PWD/$out
start=${START:-500} updates=${UPDATES:-250} passes=${PASSES:-3}
runs=$out/updates$start-$updates
tables=$runs/fine-tuned-passes$passes
rows=${ROWS:-masked_lm cline cline-no-rtd cline-random dcl}
sizes=(--encoder-layers 3 --encoder-embed-dim 64 --encoder-ffn-embed-dim 256 --max-positions 256)
user_options=("$@")
. "$repository/run/train_once.sh"

fail() {
  echo "robustness: error: $1" >&2
  exit 1
}

# pretrain ROW SEED: `start` from nothing, the others from it
pretrain() {
  local folder=$runs/seed$2/$1 last=$updates
  local task=(--task cline_pretrain --arch cline_roberta_tiny --criterion cline)
  local begin=(--finetune-from-model "$runs/seed$2/start/checkpoint_last.pt")
  case $1 in
    start) task=("${task[@]:0:4}" --criterion masked_lm) begin=() last=$start ;;
    masked_lm) task=("${task[@]:0:4}" --criterion masked_lm) ;;
    cline) ;;
    cline-no-rtd) task+=(--rtd-weight 0) ;;
    cline-random) task+=(--negatives random) ;;
    dcl)
      task=(--task dcl_pretrain --arch dcl_roberta_tiny --criterion dcl --projection-norm batch
        --projection-dim 256 --projection-hidden-dim 128)
      ;;
  esac
  train_once "$folder" fairseq-train "$out/triplets" --user-dir "$repository/fairseq_cline" \
    --cpu --distributed-world-size 1 \
    "${task[@]}" "${sizes[@]}" --tokens-per-sample 256 --dropout 0.1 --attention-dropout 0.1 \
    --batch-size 16 --num-workers 0 --optimizer adam --adam-betas '(0.9, 0.98)' \
    --weight-decay 0.01 --clip-norm 1.0 --lr 1e-3 --lr-scheduler polynomial_decay \
    --warmup-updates $((last / 10)) --total-num-update "$last" --max-update "$last" \
    --no-epoch-checkpoints --save-dir "$folder" --log-format simple --log-interval 50 --seed "$2" \
    "${begin[@]}" "${user_options[@]}"
}

# prepare: everything that the models read; what is there is left alone
prepare() {
  local split imdb=$out/data/imdb
  for split in train dev test; do
    [ -e "$out/sets/$split" ] || python -m data_prep.contrast_set --format counterfactual \
      "$counterfactual/${split}_paired.tsv" --destdir "$out/sets/$split"
  done
  mkdir -p "$imdb"
  cp "$out/sets/train/original.tsv" "$imdb/train.tsv"
  cp "$out/sets/dev/original.tsv" "$imdb/valid.tsv"
  cp "$out/sets/test/original.tsv" "$imdb/test.tsv"
  cp "$out/sets/test/sets.tsv" "$imdb/sets.tsv"
  [ -e "$out/text/train.txt" ] ||
    step "Writing WordNet's glosses as text" python -m data_prep.wordnet_corpus --destdir "$out/text"
  [ -e "$out/text/reviews.txt" ] || {
    # Running text, so that blocks are as long as reviews and all positions are trained.
    grep . "$out/text/train.txt" >"$out/text/glosses.txt"
    cut -f 2 "$out/sets/train/original.tsv" | sed G >"$out/text/reviews.txt"
  }
  [ -e "$out/spm/dict.txt" ] || step "Training a SentencePiece model" \
    python -m data_prep.train_sentencepiece "$out/text/glosses.txt" "$out/text/reviews.txt" \
    --vocab-size 8000 --destdir "$out/spm"
  [ -e "$out/triplets/manifest.json" ] || step "Making triplets" \
    python -m data_prep.make_triplets --train "$out/text/glosses.txt" "$out/text/reviews.txt" \
    --valid "$out/text/valid.txt" --tokenizer "$out/spm" --tokens-per-sample 256 \
    --workers "$(nproc)" --destdir "$out/triplets"
}

for row in $rows; do
  [[ $row =~ ^(masked_lm|cline|cline-no-rtd|cline-random|dcl)$ ]] ||
    fail "there is no row '$row'; they are on top of this file"
done
if [ -z "${DRY_RUN:-}" ]; then
  counterfactual=$(cd "$COUNTERFACTUAL" && pwd)
  . "$repository/run/setup.sh"
  cd "$repository"
  prepare
fi
# A pass has 214 batches of 8; cline_tables.sh counts in batches of 32.
# The defaults of FreeLB, set for RoBERTa, keep an encoder this small at chance (README).
export METHODS FREELB="--adversarial-steps 2 --adversarial-step-size 0.01 --adversarial-init 0.01 \
  --adversarial-max-norm 0.03"
# The tables are made after each seed, and seeds must have the same rows: figures that an earlier call
# with other ROWS left are in the way. All are made anew, attacks from their logs.
for seed in ${SEEDS:-1 2 3}; do
  [ -n "${DRY_RUN:-}" ] || rm -f "$tables"/imdb/share-1/seed"$seed"/*.json
done
for seed in ${SEEDS:-1 2 3}; do
  checkpoints=()
  pretrain start "$seed"
  for row in $rows; do
    pretrain "$row" "$seed"
    checkpoints+=("$row=$runs/seed$seed/$row/checkpoint_last.pt")
  done
  CHECKPOINTS="${checkpoints[*]}" SEEDS=$seed ARCH=cline_roberta_tiny \
    TOKENIZER=$out/spm DATA=$out/data SAVE_DIR=$tables TASKS=imdb \
    LEARNING_RATES="${LEARNING_RATES:-1e-3}" EPOCHS=$((4 * passes)) \
    NUM_GPUS=1 ATTACK=pwws ATTACK_LIMIT=${ATTACK_LIMIT:-100} \
    bash "$repository/run/cline_tables.sh" --cpu "${sizes[@]}" --num-workers 0 \
    --batch-size 8 --required-batch-size-multiple 1
done
