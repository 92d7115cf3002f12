#!/usr/bin/env bash
# Robustness at the size of two CPU cores, the whole chain: pre-trains small models on WordNet's text
# and the reviews of a training set, then hands them to run/cline_tables.sh, which fine-tunes them
# with and without FreeLB and tests them on contrast sets and under attack.
#
#   TEXT=sentiment bash run/robustness.sh
#   SEEDS=1 ROWS="masked_lm cline" TEXT=sentiment bash run/robustness.sh
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
# Variables:
#   TEXT            folder with {train,dev,test}_paired.tsv of Kaushik et al. (2020)
#   OUT             texts, data-bins, models, figures and tables (default: robustness)
#   ROWS            default: all of the above
#   START           updates of the masked LM that all go on from (default: 500)
#   UPDATES         of each row (default: 250)
#   SEEDS           default: 1 2 3; each pre-trains and fine-tunes models of its own
#   METHODS         default: vanilla freelb
#   EPOCHS          of fine-tuning (default: 3)
#   LEARNING_RATES  of fine-tuning (default: 1e-3)
#   ATTACK_LIMIT    examples to attack (default: 100)
#   DRY_RUN         1 prints the training commands only
# A killed run goes on where it stopped; a model that is done is left alone. Options at the end are given
# to each fairseq-train of the pre-training.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/attended.sh"
. "$repository/run/lib/same_inputs.sh"
. "$repository/run/lib/train_once.sh"
all_rows="masked_lm cline cline-no-rtd cline-random dcl"
take TEXT path
take OUT path robustness
take ROWS words "$all_rows" "$all_rows"
take START number 500
take UPDATES number 250
take SEEDS numbers "1 2 3"
take METHODS words "vanilla freelb" "vanilla freelb"
take EPOCHS number 3
take LEARNING_RATES rates 1e-3
take ATTACK_LIMIT number 100
take DRY_RUN switch ""
taken "$@"
[[ $out != *[[:space:]]* ]] || fail "OUT: '$out' has a space in it, which separates CHECKPOINTS"
runs=$out/updates$start-$updates
tables=$runs/fine-tuned-epochs$epochs
sizes=(--encoder-layers 3 --encoder-embed-dim 64 --encoder-ffn-embed-dim 256 --max-positions 256)

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
      "$text/${split}_paired.tsv" --destdir "$out/sets/$split"
  done
  check_same_text "$out/text.sha256" "$text"/{train,dev,test}_paired.tsv
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

if [ -z "$dry_run" ]; then
  . "$repository/run/setup.sh"
  prepare
  # The tables are made after each seed, and seeds must have the same rows: figures that an earlier call
  # with other ROWS left are in the way. All are made anew, attacks from their logs.
  for seed in $seeds; do
    rm -f "$tables"/imdb/share-1/seed"$seed"/*.json
  done
fi
# The defaults of FreeLB, set for RoBERTa, keep an encoder this small at chance (README).
freelb="--adversarial-steps 2 --adversarial-step-size 0.01 --adversarial-init 0.01 \
--adversarial-max-norm 0.03"
for seed in $seeds; do
  checkpoints=()
  pretrain start "$seed"
  for row in $rows; do
    pretrain "$row" "$seed"
    checkpoints+=("$row=$runs/seed$seed/$row/checkpoint_last.pt")
  done
  # An epoch has 214 batches of 8; cline_tables.sh counts in batches of 32.
  CHECKPOINTS="${checkpoints[*]}" SEEDS=$seed ARCH=cline_roberta_tiny \
    TOKENIZER=$out/spm TEXT=$out/data OUT=$tables TASKS=imdb METHODS=$methods FREELB=$freelb \
    LEARNING_RATES=$learning_rates EPOCHS=$((4 * epochs)) DRY_RUN=$dry_run \
    ATTACK=pwws ATTACK_LIMIT=$attack_limit \
    attend bash "$repository/run/cline_tables.sh" --cpu "${sizes[@]}" --num-workers 0 \
    --batch-size 8 --required-batch-size-multiple 1
done
