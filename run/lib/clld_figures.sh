# Figures that run/clld.sh makes of the models in `folder`, which were trained on `databin`.
set -euo pipefail

# find_pairs: pairs.tsv, of what the plain model of the first seed confuses; one that is there stays
find_pairs() {
  [ ! -e "$folder/pairs.tsv" ] || return 0
  python -m fairseq_cline.evaluation.classify --data "$databin" --split valid \
    "plain=$folder/seed${seeds%% *}/plain/checkpoint_best.pt" --json "$folder/plain-valid.json"
  python -m fairseq_cline.evaluation.confused_pairs "$folder/plain-valid.json" \
    --output "$folder/pairs.tsv"
}

# evaluate_seed SEED: every row
evaluate_seed() {
  local row split models=() learned=() results=$folder/seed$1
  for row in $rows; do
    models+=("$row=$results/$row/checkpoint_best.pt")
    [[ ! $row =~ ^(adaptive|early|sharp-early)$ ]] || learned+=("${models[-1]}")
  done
  for split in valid test; do
    python -m fairseq_cline.evaluation.classify "${models[@]}" --data "$databin" \
      --split "$split" --json "$results/$split.json"
  done
  ((!${#learned[@]})) || python -m fairseq_cline.evaluation.label_distance "${learned[@]}" \
    --data "$databin" --plot "$results/label_distance.png" \
    --csv "$results/label_distance.csv" --json "$results/label_distance.json"
}

# summarize: all seeds, against both baselines
summarize() {
  local row seed reports=() against=()
  for row in plain twin; do
    [[ " $rows " != *" $row "* ]] || against+=(--against "$row")
  done
  for seed in $seeds; do
    reports+=("$folder/seed$seed/test.json")
  done
  python -m fairseq_cline.evaluation.seeds "${reports[@]}" "${against[@]}" \
    --json "$folder/test.json" | tee "$folder/test.md"
}
