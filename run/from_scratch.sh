#!/usr/bin/env bash
# CLINE from random weights: a small model pre-trained on real English (the glosses of WordNet)
# against the same model trained with masked language modeling alone, equal updates. No encoder is
# needed; run/quickstart.sh has one.
#
#   bash run/quickstart.sh --from-scratch              about 12 minutes on 2 cores; the second time it
#                                                      trains within seconds of its start
#   SEEDS="2 3" bash run/quickstart.sh --from-scratch  the same with other weights and batches
#
# Batch of an update: at most 6,144 tokens.
#
# Expected ([CLS], best layer, 2,514 held-out triplets): Hits of CLINE at least 20 points above
# those of the masked LM. README.md has the figures that were measured.
#
# Variables:
#   OUT      folder of the results, each seed and UPDATES in its own (default: from_scratch)
#   SEEDS    trained one after the other (default: 1)
#   UPDATES  default: 1500
#   DRY_RUN  1 prints the training commands only
# A killed run goes on where it stopped. Options at the end are given to each fairseq-train. Only options
# that all of them know: the masked LM refuses those of CLINE's criterion, such as --task-weighting.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/watched_training.sh"
take_watched 1500
taken "$@"

# train NAME CRITERION UPDATES LR: the three models differ in nothing else
train() {
  [ -n "$dry_run" ] || echo "==> $1: $3 updates"
  train_watched "$run/$1" "$seed" --criterion "$2" --arch cline_roberta_tiny \
    --encoder-layers 3 --encoder-embed-dim 64 --encoder-ffn-embed-dim 256 \
    --dropout 0 --attention-dropout 0 --max-tokens 6144 --adam-betas '(0.9, 0.98)' \
    --lr "$4" --warmup-updates 100 --max-update "$3" --save-interval-updates 500 \
    --validate-interval-updates 500 --log-interval 50
}

evaluate() {
  "$PYTHON" -m fairseq_cline.evaluation.hits \
    "before training=$run/untrained/checkpoint_last.pt" \
    "masked LM=$run/masked_lm/checkpoint_last.pt" "CLINE=$run/cline/checkpoint_last.pt" \
    --data "$out/triplets" --split test --cpu --json "$run/hits.json" --plot "$run/hits.png"
}

if [ -z "$dry_run" ]; then
  . "$repository/run/setup.sh"
  make_wordnet_triplets "$out"
fi
for seed in $seeds; do
  # The learning rate decays with the number of updates: a run with another one starts anew.
  run=$out/seed$seed-updates$updates
  # One update with learning rate 0 saves the weights that both models start from.
  train untrained masked_lm 1 0
  train masked_lm masked_lm "$updates" 1e-3
  train cline cline "$updates" 1e-3
  if [ -z "$dry_run" ]; then
    step "Evaluating on held-out triplets" evaluate
    echo "Figure: $run/hits.png"
  fi
done
