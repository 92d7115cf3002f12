#!/usr/bin/env bash
# From a bare machine to sentence vectors that hold a sentence nearer to its synonym version than to its
# antonym version: takes a pre-trained encoder (all-MiniLM-L6-v2, 22.7 million parameters) through CLINE
# on WordNet's definitions, compares it with itself before, and exports it for sentence-transformers.
#
#   bash run/quickstart.sh                  about 8 minutes on 2 cores; the second time it trains
#                                           within seconds of its start
#   SEEDS="2 3" bash run/quickstart.sh      the same with other batches and dropout masks
#   bash run/quickstart.sh --from-scratch   a small model from random weights, in run/from_scratch.sh
#
# Batch of an update: 16 triplets.
#
# Expected (mean of the tokens, last layer): Hits of CLINE at least 20 points above those of the encoder
# before, at about the same agreement with similarities. README.md has the figures that were measured.
#
# Variables:
#   OUT      folder of the results, each seed and UPDATES in its own (default: quickstart)
#   SEEDS    trained one after the other (default: 1)
#   UPDATES  default: 200
#   ENCODER  another one, a folder of fairseq_cline.import_encoder; give it an OUT of its own
#   DRY_RUN  1 prints the training commands only
# A killed run goes on where it stopped. Options at the end are given to fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
if [ "${1:-}" = --from-scratch ]; then
  exec bash "$repository/run/from_scratch.sh" "${@:2}"
fi
. "$repository/run/lib/cline_on_encoder.sh"
. "$repository/run/lib/same_inputs.sh"
. "$repository/run/lib/watched_training.sh"
take_watched 200
take ENCODER path ""
taken "$@"
[[ " $* " != *" --from-scratch "* ]] || fail "--from-scratch goes before all other options"
license=()
if [ -z "$encoder" ]; then
  encoder=$out/encoder license=(--license apache-2.0) # that of all-MiniLM-L6-v2
elif [ ! -e "$encoder/model.pt" ]; then
  fail "ENCODER: $encoder/model.pt: no such file; name a folder of fairseq_cline.import_encoder"
fi

prepare() {
  local folder
  mkdir -p "$out"
  if [ ! -e "$encoder" ]; then
    folder=$("$PYTHON" -m data_prep.resources --encoder --check)
    step "Importing the pre-trained encoder" \
      "$PYTHON" -m fairseq_cline.import_encoder "$folder" --destdir "$encoder"
  fi
  check_same_encoder "$encoder" "$out"
  make_wordnet_triplets "$out" "$encoder"
  [ -e "$out/definitions.csv" ] || "$PYTHON" -m data_prep.wordnet_similarity \
    --output "$out/definitions.csv"
}

train() {
  train_watched "$run" "$seed" --arch cline_bert --finetune-from-model "$encoder/model.pt" \
    --sentence-feature mean "${cline_on_encoder[@]}" "${whole_originals[@]}" \
    --adam-betas '(0.9, 0.999)' --lr 1e-4 --warmup-updates $((updates / 10)) \
    --max-update "$updates" --batch-size 16 --required-batch-size-multiple 1 \
    --disable-validation --save-interval-updates 50 --log-interval 10
}

evaluate() {
  local models=("before=$encoder/model.pt" "CLINE=$run/checkpoint_last.pt")
  "$PYTHON" -m fairseq_cline.evaluation.hits "${models[@]}" --data "$out/triplets" --split test \
    --cpu --json "$run/hits.json" --plot "$run/hits.png"
  "$PYTHON" -m fairseq_cline.evaluation.similarity "${models[@]}" --cpu \
    --sts "definitions=$out/definitions.csv" --opposites "$repository/run/texts/opposites.tsv" \
    --json "$run/similarity.json" --plot "$run/similarity.png"
}

# show_pairs: cosines of a statement with the same in other words, and with its opposite by an antonym
# and by a negation
show_pairs() {
  "$PYTHON" - "$encoder" "$run/checkpoint_last.pt" <<'END'
import sys

from fairseq_cline.encode import Encoder

TEXTS = ["The price of bread has risen.", "Bread costs more than it did."]
TEXTS += ["The price of bread has fallen.", "I like pizza.", "I don't like pizza."]
PAIRS = [(0, 1), (0, 2), (3, 4)]
vectors = [Encoder(path).encode(TEXTS, normalize=True, progress=False) for path in sys.argv[1:]]
print("before  CLINE")
for first, second in PAIRS:
    before, after = (float(rows[first] @ rows[second]) for rows in vectors)
    print(f"{before:6.2f} {after:6.2f}   {TEXTS[first]} | {TEXTS[second]}")
END
}

if [ -z "$dry_run" ]; then
  . "$repository/run/setup.sh"
  prepare
fi
for seed in $seeds; do
  # The learning rate decays with the number of updates: a run with another one starts anew.
  run=$out/seed$seed-updates$updates
  train
  [ -z "$dry_run" ] || continue
  step "Comparing it with the encoder before" evaluate
  [ -e "$run/exported" ] || step "Exporting it for sentence-transformers" \
    "$PYTHON" -m fairseq_cline.export "$run/checkpoint_last.pt" --destdir "$run/exported" \
    --format sentence-transformers --data "$out/triplets" --report "$run/hits.json" \
    --report "$run/similarity.json" "${license[@]}"
  show_pairs
  echo "Figures: $run/hits.png, $run/similarity.png"
  echo "SentenceTransformer(\"$run/exported\") loads the encoder"
done
