#!/usr/bin/env bash
# ATCL language models on a million words, sized for two CPU cores: every row with equal updates
# and batches, clean and under attack. The experiment behind the README's table.
#
#   TEXT=brown bash run/lm_brown.sh
#   ROWS="baseline atcl-n10-all" SEEDS=1 ARCHS=transformer_lm TEXT=brown bash run/lm_brown.sh
#
# Batch of an update: 32 rows.
# Expected (800 updates of 1,024 tokens, seeds 1 to 3): run/results/lm_brown/.
#
# Variables:
#   TEXT     folder with train.txt, valid.txt and test.txt, tokens separated by spaces, for example the
#            Brown corpus
#   OUT      data-bin, models and figures (default: lm_brown)
#   SEEDS    default: 1 2 3
#   ARCHS    default: transformer_lm tensorized_transformer_lm, about as many parameters
#   ROWS     run/lib/atcl_rows.sh lists them (default: nine)
#   UPDATES  default: 800
#   DRY_RUN  1 prints the training commands only
# A killed run goes on where it stopped; a row that is done is left alone. Options at the end are given
# to each fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/atcl_rows.sh"
. "$repository/run/lib/same_inputs.sh"
all_archs="transformer_lm tensorized_transformer_lm"
take TEXT path
take OUT path lm_brown
take SEEDS numbers "1 2 3"
take ARCHS words "$all_archs" "$all_archs"
take_rows adaptive_loss "baseline adversarial atcl-n5 atcl-n10 atcl-n20 atcl-n10-detached \
atcl-semantic atcl-n10-all atcl-n10-all-e100"
take UPDATES number 800
take DRY_RUN switch ""
taken "$@"

# train ARCH ROW SEED
train() {
  train_row "$2" adaptive_loss "$out/$1-u$updates-seed$3/$2" \
    fairseq-train "$out/data-bin" --user-dir "$repository/fairseq_cline" \
    --cpu --distributed-world-size 1 \
    --task atcl_lm --arch "$1" --tokens-per-sample 32 --batch-size 32 \
    --decoder-layers 2 --decoder-embed-dim 128 --decoder-input-dim 128 --decoder-output-dim 128 \
    --decoder-ffn-embed-dim 512 --decoder-attention-heads 4 --dropout 0.1 \
    --adaptive-softmax-cutoff 1000,4000 --adaptive-softmax-factor 2 --ddp-backend legacy_ddp \
    --optimizer adam --clip-norm 1.0 --lr 4e-3 --lr-scheduler polynomial_decay \
    --warmup-updates $((updates / 10)) --total-num-update "$updates" --max-update "$updates" \
    --num-workers 0 --seed "$3" --no-epoch-checkpoints --log-format simple --log-interval 100
}

if [ -z "$dry_run" ]; then
  . "$repository/run/setup.sh"
  if [ ! -e "$out/data-bin" ]; then
    python -m data_prep.lm_text --train "$text/train.txt" --valid "$text/valid.txt" \
      --test "$text/test.txt" --vocab-size 10000 --destdir "$out/data-bin"
  fi
  check_same_text "$out/text.sha256" "$text"/{train,valid,test}.txt
fi

for seed in $seeds; do
  for arch in $archs; do
    checkpoints=()
    for row in $rows; do
      train "$arch" "$row" "$seed"
      checkpoints+=("$row=$out/$arch-u$updates-seed$seed/$row/checkpoint_last.pt")
    done
    [ -n "$dry_run" ] || for split in valid test; do
      python -m fairseq_cline.evaluation.lm_robustness "${checkpoints[@]}" \
        --data "$out/data-bin" --split "$split" --epsilon 0.03 0.3 1.0 \
        --json "$out/$arch-u$updates-seed$seed/$split.json"
    done
  done
done
