#!/usr/bin/env bash
# ATCL translation of 29,000 sentences, sized for two CPU cores: every row with equal updates and
# batches, BLEU clean and under attack. The experiment behind the README's table.
#
#   TEXT=multi30k bash run/multi30k.sh
#   ROWS="baseline atcl-n10-all" SEEDS=1 PAIRS=de-en TEXT=multi30k bash run/multi30k.sh
#
# Batch of an update: at most 2,048 tokens.
# Expected (1,600 updates of 1,800 target tokens, seeds 1 to 3): run/results/multi30k/.
#
# Variables:
#   TEXT     folder with {train,val,test_2016_flickr}.{en,de}, plain text: Multi30k, task 1
#   OUT      data-bins, models and figures (default: multi30k)
#   PAIRS    default: en-de; en-fr, de-en, ... likewise
#   SEEDS    default: 1 2 3
#   ROWS     run/lib/atcl_rows.sh lists them (default: seven)
#   UPDATES  default: 1600
#   DRY_RUN  1 prints the training commands only
# A killed run goes on where it stopped; a row that is done is left alone. Options at the end are given
# to each fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/atcl_rows.sh"
. "$repository/run/lib/same_inputs.sh"
take TEXT path
take OUT path multi30k
take PAIRS pairs en-de
take SEEDS numbers "1 2 3"
take_rows label_smoothed_cross_entropy "baseline adversarial atcl-n5 atcl-n10 atcl-n20 atcl-n10-all \
atcl-n10-all-e100"
take UPDATES number 1600
take DRY_RUN switch ""
taken "$@"

# train PAIR ROW SEED
train() {
  train_row "$2" label_smoothed_cross_entropy "$out/$1-u$updates-seed$3/$2" \
    fairseq-train "$out/data-bin.$1" --user-dir "$repository/fairseq_cline" \
    --cpu --distributed-world-size 1 \
    --task atcl_translation --source-lang "${1%-*}" --target-lang "${1#*-}" \
    --arch transformer --share-all-embeddings --encoder-layers 2 --decoder-layers 2 \
    --encoder-embed-dim 128 --decoder-embed-dim 128 --encoder-ffn-embed-dim 512 \
    --decoder-ffn-embed-dim 512 --encoder-attention-heads 4 --decoder-attention-heads 4 \
    --dropout 0.1 --label-smoothing 0.1 --max-tokens 2048 --ddp-backend legacy_ddp \
    --optimizer adam --adam-betas '(0.9, 0.98)' --clip-norm 1.0 --lr 3e-3 \
    --lr-scheduler polynomial_decay --warmup-updates $((updates / 10)) \
    --total-num-update "$updates" --max-update "$updates" --num-workers 0 --seed "$3" \
    --no-epoch-checkpoints --log-format simple --log-interval 100
}

[ -n "$dry_run" ] || . "$repository/run/setup.sh"
for pair in $pairs; do
  databin=$out/data-bin.$pair source=${pair%-*} target=${pair#*-}
  if [ -z "$dry_run" ]; then
    [ -e "$databin" ] || python -m data_prep.parallel_text \
      --source-lang "$source" --target-lang "$target" \
      --train "$text/train" --valid "$text/val" --test "$text/test_2016_flickr" \
      --vocab-size 4000 --joined-dictionary --destdir "$databin"
    check_same_text "$databin.sha256" "$text"/{train,val,test_2016_flickr}.{"$source","$target"}
  fi
  wordings=()
  if [ -z "$dry_run" ] && [ "$source" = en ]; then
    python -m data_prep.synonym_text "$databin/raw/test.en" --share 0.1 \
      --output "$databin/raw/synonyms.en"
    wordings=(--source-text "synonyms=$databin/raw/synonyms.en")
  fi
  for seed in $seeds; do
    folder=$out/$pair-u$updates-seed$seed
    models=()
    for row in $rows; do
      train "$pair" "$row" "$seed"
      models+=("$row=$folder/$row/checkpoint_last.pt")
    done
    [ -z "$dry_run" ] || continue
    DATA=$databin SOURCE_LANG=$source TARGET_LANG=$target OUT=$folder/translations \
      bash "$repository/run/evaluate_translation.sh" "${models[@]}" --cpu --batch-size 64 |
      tee "$folder/bleu.txt"
    python -m fairseq_cline.evaluation.translation_robustness "${models[@]}" --cpu \
      --data "$databin" --epsilon 0.3 1 3 --share 0.25 "${wordings[@]}" \
      --json "$folder/robustness.json" --plot "$folder/robustness.png"
  done
done
