#!/usr/bin/env bash
# CLINE from random weights: a small model pre-trained on real English (the glosses of WordNet)
# against the same model trained with masked language modeling alone, equal updates. No encoder is
# needed; run/quickstart.sh has one.
#
#   bash run/quickstart.sh --from-scratch          about 12 minutes on 2 cores; the second time it
#                                                  trains within seconds of its start
#   SEED=2 bash run/quickstart.sh --from-scratch   the same with other weights and batches
#
# Batch of an update: at most 6,144 tokens.
#
# Expected ([CLS], best layer, 2,514 held-out triplets): Hits of CLINE at least 20 points above
# those of the masked LM. README.md has the figures that were measured.
#
# Variables: OUT (folder of the results, default from_scratch), SEED (default 1), UPDATES (1500).
# A killed run goes on where it stopped. DRY_RUN=1 prints the training commands only.
# Results of one SEED and UPDATES are in their own folder, for example OUT/seed1-updates1500.
# Options at the end are given to each fairseq-train. Only options that all of them know: the
# masked LM refuses those of CLINE's criterion, such as --task-weighting.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${OUT:-$repository/from_scratch}
[[ $out = /* ]] || out=$PWD/$out  # the folder is changed below
seed=${SEED:-1}
updates=${UPDATES:-1500}
# The learning rate decays with the number of updates: a run with another one starts anew.
runs=$out/seed$seed-updates$updates
if [ -t 2 ]; then log_format=tqdm; else log_format=simple; fi

# train NAME CRITERION UPDATES LR OPTIONS...: the three models differ in nothing else
train() {
  local name=$1 criterion=$2 last=$3 lr=$4
  shift 4
  local command=(fairseq-train "$out/triplets" --user-dir "$repository/fairseq_cline"
    --cpu --distributed-world-size 1
    --task cline_pretrain --criterion "$criterion" --arch cline_roberta_tiny
    --encoder-layers 3 --encoder-embed-dim 64 --encoder-ffn-embed-dim 256
    --dropout 0 --attention-dropout 0 --tokens-per-sample 64
    --max-tokens 6144 --num-workers 0
    --optimizer adam --adam-betas '(0.9, 0.98)' --weight-decay 0.01 --clip-norm 1.0
    --lr "$lr" --lr-scheduler polynomial_decay --warmup-updates 100
    --total-num-update "$updates" --max-update "$last"
    --save-dir "$runs/$name" --no-epoch-checkpoints --save-interval-updates 500
    --keep-interval-updates 1 --validate-interval-updates 500
    --log-format "$log_format" --log-interval 50 --log-file "$runs/$name/train.log"
    --seed "$seed" "$@")
  if [ "${DRY_RUN:-}" = 1 ]; then
    printf '%q ' "${command[@]}"
    echo
    return
  fi
  echo "==> $name: $last updates"
  mkdir -p "$runs/$name"
  "${command[@]}"
}

evaluate() {
  local before=$runs/untrained/checkpoint_last.pt
  "$PYTHON" -m fairseq_cline.evaluation.hits \
    "before training=$before" "masked LM=$runs/masked_lm/checkpoint_last.pt" \
    "CLINE=$runs/cline/checkpoint_last.pt" --data "$out/triplets" --split test --cpu \
    --json "$runs/hits.json" --plot "$runs/hits.png"
}

if [ "${DRY_RUN:-}" != 1 ]; then
  . "$repository/run/setup.sh"
  . "$repository/run/wordnet_triplets.sh"
  cd "$repository"
  make_wordnet_triplets "$out"
fi
# One update with learning rate 0 saves the weights that both models start from.
train untrained masked_lm 1 0 "$@"
train masked_lm masked_lm "$updates" 1e-3 "$@"
train cline cline "$updates" 1e-3 "$@"
if [ "${DRY_RUN:-}" != 1 ]; then
  step "Evaluating on held-out triplets" evaluate
  echo "Figure: $runs/hits.png"
fi
