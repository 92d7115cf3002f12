# The trainings and evaluations of run/cline_tables.sh.
set -euo pipefail

# has TASK FILE: whether TEXT has it; a dry run assumes so
has() { [ -n "$dry_run" ] || [ -e "$text/$1/$2" ]; }

# check: that all is there, before the training, which takes long
check() {
  local checkpoint task seen=" "
  [[ -n $checkpoints || $encoder != *[[:space:]]* ]] ||
    fail "ENCODER: '$encoder' has a space in it, which separates CHECKPOINTS"
  checkpoints=${checkpoints:-${encoder:+$(basename "$encoder")=$encoder}}
  [ -n "$checkpoints" ] || fail "CHECKPOINTS is not set: pre-trained models, NAME=PATH; or ENCODER"
  [ -n "$tokenizer" ] || fail "TOKENIZER is not set: the tokenizer of the CHECKPOINTS; or ENCODER"
  for checkpoint in $checkpoints; do
    [[ $seen != *" ${checkpoint%%=*} "* ]] || fail "CHECKPOINTS: two are ${checkpoint%%=*}"
    seen+="${checkpoint%%=*} "
    [ -n "$dry_run" ] || [ -e "${checkpoint#*=}" ] || fail "${checkpoint#*=}: no such file"
  done
  [[ ${attack:-pwws} =~ ^(pwws|textattack:[a-z0-9-]+)$ ]] ||
    fail "ATTACK: '$attack' is not pwws or textattack:RECIPE"
  for task in $tasks; do
    has "$task" sets.tsv || has "$task" adversarial.tsv || [ -n "$attack" ] ||
      fail "$text/$task: neither sets.tsv nor adversarial.tsv to test on, and no ATTACK"
    [[ " $shares " = *" 1 "* ]] || has "$task" sets.tsv ||
      fail "$text/$task/sets.tsv: no such file, and SHARES below 1 are tested on nothing else"
    [ -z "$attack" ] || has "$task" test.tsv || fail "$text/$task/test.tsv: no such file to attack"
  done
}

# train_all METHODS: every checkpoint on `databin` in `folder` with `seed`. Sets `models`, NAME=PATH of
# each, a name for its rates; only the best epoch is kept.
train_all() {
  local checkpoint method rate model encoder objective suffix
  models=()
  for checkpoint in $checkpoints; do
    encoder=${checkpoint#*=}
    for method in $1; do
      objective=(--criterion sentence_prediction) suffix=
      if [ "$method" = freelb ]; then
        read -ra objective <<<"--criterion freelb $freelb"
        suffix=+FreeLB # of the names in the tables
      fi
      for rate in $learning_rates; do
        model=$folder/$method/${checkpoint%%=*}/lr$rate
        # This task lets FreeLB run its backward passes one by one, in the memory of one.
        finetune "$databin" "$model" "$seed" 10000 --task clld_classification "${objective[@]}" \
          --lr "$rate" --best-checkpoint-metric accuracy --maximize-best-checkpoint-metric
        [ -n "$dry_run" ] || rm -f "$model/checkpoint_last.pt"
        models+=("${checkpoint%%=*}$suffix=$model/checkpoint_best.pt")
      done
    done
  done
}

# evaluate: `models`, on what the task has
evaluate() {
  if has "$task" sets.tsv; then
    python -m fairseq_cline.evaluation.contrast_sets "${models[@]}" --data "$databin" \
      --sets "$text/$task/sets.tsv" --select "$select" --json "$folder/contrast.json"
  fi
  [ "$share" = 1 ] || return 0
  if has "$task" adversarial.tsv; then
    python -m fairseq_cline.evaluation.adversarial "${models[@]}" --data "$databin" \
      --examples "$text/$task/adversarial.tsv" --json "$folder/adversarial.json"
  fi
  if [ -n "$attack" ]; then
    local workers=(--workers "$attack_workers")
    [ "$attack_workers" = 1 ] || workers+=(--cpu)
    python -m fairseq_cline.evaluation.adversarial "${models[@]}" --data "$databin" \
      --attack "$attack" --limit "$attack_limit" "${workers[@]}" \
      --logs "$folder/attacks" --json "$folder/attack-${attack//:/-}.json"
  fi
}
