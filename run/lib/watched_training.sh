# Trainings on the triplets of WordNet that one watches: what run/quickstart.sh and run/from_scratch.sh
# share.
set -euo pipefail

. "$repository/run/lib/attended.sh"
. "$repository/run/lib/train_once.sh"
. "$repository/run/lib/wordnet_triplets.sh"

# take_watched UPDATES
take_watched() {
  take OUT path "$recipe"
  take SEEDS numbers 1
  take UPDATES number "$1"
  take DRY_RUN switch ""
}

# train_watched FOLDER SEED OPTIONS...: fairseq writes to the terminal, with a bar of its progress. A
# killed run goes on where it stopped; one of other settings is an error.
train_watched() {
  local folder=$1 seed=$2 log_format=simple command
  shift 2
  [ ! -t 2 ] || log_format=tqdm
  command=("$out/triplets" --user-dir "$repository/fairseq_cline"
    --cpu --distributed-world-size 1 --task cline_pretrain --tokens-per-sample 64 --num-workers 0
    --optimizer adam --weight-decay 0.01 --clip-norm 1.0 --lr-scheduler polynomial_decay
    --total-num-update "$updates" --save-dir "$folder" --no-epoch-checkpoints
    --keep-interval-updates 1 --log-file "$folder/train.log" --seed "$seed" "$@"
    "${user_options[@]}")
  if [ -n "$dry_run" ]; then
    printf '%q ' fairseq-train "${command[@]}"
    echo
  else
    check_command "$folder" "${command[@]}"
    attend fairseq-train --log-format "$log_format" "${command[@]}"
  fi
}
