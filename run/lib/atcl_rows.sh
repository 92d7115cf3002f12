# The rows of Tables 2 and 6 of ATCL, and more: what differs between the rows, and nothing else.
# Sourced by the recipes of language models (run/lm_*.sh) and of translation.
#
#   baseline                 the stock loss
#   adversarial              + Adv. only: contrastive weight 0
#   atcl-nN                  + ATCL with N negatives, for any N (paper: 5, 10, 20)
#   atcl-nN-all              with the positive in the denominator (InfoNCE)
#   atcl-nN-detached         without gradient into the unperturbed states
#   atcl-semantic            the antonym in the candidate's place is the one negative
#   atcl-both                the antonym and 10 random negatives
#   leaking                  language models: the baseline in the form of the authors' code, which
#                            sees what it predicts
# Behind those of atcl and adversarial, each once: -same (the same dropout masks in both passes), -eN
# (epsilon is N percent of the embedding's length).
set -euo pipefail

. "$repository/run/lib/train_once.sh"

# row_options ROW STOCK_CRITERION: prints the options, one a line; false where there is no such row
row_options() {
  local row=$1 stock=$2 part parts percent option seen=" "
  case $row in
    baseline) printf '%s\n' --criterion "$stock" && return ;;
    leaking)
      [[ $stock != label_smoothed_* ]] && printf '%s\n' --criterion "$stock" --leak-future-tokens
      return
      ;;
    *- | *--* | *-adversarial*) return 1 ;;
    *-semantic*-n[1-9]* | *-n[1-9]*-semantic*) return 1 ;; # that has no others
    atcl-* | adversarial | adversarial-*) ;;
    *) return 1 ;;
  esac
  # One criterion serves both kinds of soft-max of a language model.
  printf '%s\n' --criterion "atcl_${stock/adaptive_loss/cross_entropy}"
  parts=${row#atcl-}
  for part in ${parts//-/ }; do
    if [[ $part =~ ^n[1-9][0-9]{0,4}$ ]]; then
      option=(--num-negatives "${part#n}")
    elif [[ $part =~ ^e[1-9][0-9]{0,4}$ ]]; then
      percent=$(printf '%03d' "${part#e}")
      option=(--adversarial-epsilon "${percent:0:-2}.${percent: -2}" --relative-epsilon)
    else
      case $part in
        adversarial) option=(--contrastive-weight 0) ;;
        semantic | both) option=(--negatives "$part") ;;
        all) option=(--contrastive-denominator all) ;;
        detached) option=(--detach-anchor) ;;
        same) option=(--same-dropout) ;;
        *) return 1 ;;
      esac
    fi
    [[ $seen != *" ${option[0]} "* ]] || return 1 # a part that takes back another one
    seen+="${option[0]} "
    printf '%s\n' "${option[@]}"
  done
}

# take_rows STOCK_CRITERION DEFAULT
take_rows() {
  local row
  take ROWS words "$2"
  for row in $rows; do
    row_options "$row" "$1" >/dev/null ||
      refuse "ROWS: there is no row '$row' here; run/lib/atcl_rows.sh lists them"
  done
}

# train_row ROW STOCK_CRITERION FOLDER COMMAND...: see train_once
train_row() {
  local row=$1 stock=$2 folder=$3 options
  shift 3
  options=$(row_options "$row" "$stock")
  mapfile -t options <<<"$options"
  train_once "$folder" "$@" --save-dir "$folder" "${options[@]}" "${user_options[@]}"
}
