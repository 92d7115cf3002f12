# Perplexities of a language model. Sourced by run/lm_ptb.sh and run/lm_wikitext103.sh.
set -euo pipefail

# perplexities ROW CHECKPOINT N: of both sets, in blocks of N tokens: without context, as the source
# evaluates, and with context, in which each token is predicted from N / 2 others at least. The caller
# sets DATA and `repository`.
perplexities() {
  local split context
  [ -z "${DRY_RUN:-}" ] || return 0
  for split in valid test; do
    for context in 0 $(($3 / 2)); do
      echo "==> $1, $split, context of $context tokens"
      fairseq-eval-lm "$DATA" --user-dir "$repository/fairseq_cline" --gen-subset "$split" \
        --path "$2" --batch-size 40 --tokens-per-sample "$3" --context-window "$context"
    done
  done
}
