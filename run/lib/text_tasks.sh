# Classification tasks: folders of labeled text, or published sets. Sourced by the recipes that
# fine-tune on them.
set -euo pipefail

. "$repository/run/lib/same_inputs.sh"

# choose_tasks [PUBLISHED]: sets `tasks`, by default all that have a train.tsv in TEXT, or without TEXT
# those that are published
choose_tasks() {
  local task file
  if [ -z "$text" ]; then
    tasks=${tasks:-${1:-}}
    for task in $tasks; do
      [[ " ${1:-} " = *" $task "* ]] || fail "TASKS: '$task' needs TEXT, the folder that it is in"
    done
    return
  fi
  if [ -z "$tasks" ]; then
    for file in "$text"/*/train.tsv; do
      [ ! -e "$file" ] || tasks+=" $(basename "$(dirname "$file")")"
    done
    [ -n "$tasks" ] || fail "TEXT: no TASK/train.tsv in $text"
  fi
  for task in $tasks; do
    [ -n "$dry_run" ] || [ -e "$text/$task/train.tsv" ] ||
      fail "TASKS: $text/$task/train.tsv: no such file"
  done
}

# make_databin TASK SHARE DATABIN (--tokenizer FOLDER | --words): with a share of the training data, unless
# it is there
make_databin() {
  local split file files=() source=(--dataset "$1")
  [ -z "$dry_run" ] || return 0
  if [ -n "$text" ]; then
    source=()
    for split in train valid test; do
      file=$text/$1/$split.tsv
      [ -e "$file" ] || continue
      source+=("--$split" "$file")
      files+=("$file")
    done
  fi
  [ -e "$3" ] || python -m data_prep.text_classification "${source[@]}" --train-share "$2" \
    --destdir "$3" "${@:4}"
  ((!${#files[@]})) || check_same_text "$3.sha256" "${files[@]}"
  [ "$4" != --tokenizer ] || check_same_tokenizer "$3.tokenizer.sha256" "$5"
}
