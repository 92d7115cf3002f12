# Language models of ATCL in the sizes of the paper: what run/lm_ptb.sh and run/lm_wikitext103.sh share.
set -euo pipefail

. "$repository/run/lib/atcl_rows.sh"

# take_language_models STOCK_CRITERION UPDATES
take_language_models() {
  take DATA path
  take OUT path
  take_rows "$1" "baseline adversarial atcl-n5 atcl-n10 atcl-n20"
  take UPDATES number "$2"
  take DRY_RUN switch ""
}

# train_language_models STOCK_CRITERION ARCH TOKENS BATCH INTERVAL: every row. A batch has BATCH blocks of
# TOKENS tokens; a checkpoint is saved every INTERVAL updates.
train_language_models() {
  local row
  for row in $rows; do
    train_row "$row" "$1" "$out/$row" \
      fairseq-train "$data" --user-dir "$repository/fairseq_cline" \
      --task atcl_lm --arch "$2" --tokens-per-sample "$3" \
      --batch-size "$4" --required-batch-size-multiple 1 --distributed-world-size 1 \
      --ddp-backend legacy_ddp --optimizer adam --clip-norm 0.25 --lr 2.5e-4 \
      --lr-scheduler cosine --max-update "$updates" --seed 1 --save-interval-updates "$5" \
      --keep-interval-updates 1 --no-epoch-checkpoints --log-interval 100
    [ -n "$dry_run" ] || perplexities "$row" "$out/$row/checkpoint_best.pt" "$3"
  done
}

# perplexities ROW CHECKPOINT N: of both sets, in blocks of N tokens: without context, as the source
# evaluates, and with context, in which each token is predicted from N / 2 others at least
perplexities() {
  local split context
  for split in valid test; do
    for context in 0 $(($3 / 2)); do
      echo "==> $1, $split, context of $context tokens"
      fairseq-eval-lm "$data" --user-dir "$repository/fairseq_cline" --gen-subset "$split" \
        --path "$2" --batch-size 40 --tokens-per-sample "$3" --context-window "$context"
    done
  done
}
