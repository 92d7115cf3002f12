# The rows of Table 2 of ATCL, and more, as options: what differs between the rows, nothing else.
# Sourced by the recipes of language models (run/lm_*.sh).
#
#   baseline                 the stock loss
#   adversarial              + Adv. only: contrastive weight 0
#   atcl-nN                  + ATCL with N negatives, for any N (paper: 5, 10, 20)
#   atcl-nN-all              with the positive in the denominator (InfoNCE)
#   atcl-nN-detached         without gradient into the unperturbed states
#   atcl-semantic            the antonym in the candidate's place is the one negative
#   atcl-both                the antonym and 10 random negatives
#   leaking                  the baseline in the form of the authors' code: sees what it predicts
# Behind any of them: -same (the same dropout masks in both passes), -eN (epsilon is N percent of
# the embedding's length).

# row_options ROW STOCK_CRITERION: prints the options, a line each
row_options() {
  local row=$1 stock=$2 part
  case $row in
    baseline) printf '%s\n' --criterion "$stock" && return ;;
    leaking) printf '%s\n' --criterion "$stock" --leak-future-tokens && return ;;
  esac
  printf '%s\n' --criterion atcl_cross_entropy
  for part in ${row//-/ }; do
    case $part in
      atcl) ;;
      adversarial) printf '%s\n' --contrastive-weight 0 ;;
      semantic | both) printf '%s\n' --negatives "$part" ;;
      n[0-9]*) printf '%s\n' --num-negatives "${part#n}" ;;
      all) printf '%s\n' --contrastive-denominator all ;;
      detached) printf '%s\n' --detach-anchor ;;
      same) printf '%s\n' --same-dropout ;;
      e[0-9]*)
        printf '%s\n' --relative-epsilon --adversarial-epsilon "$(printf '%03d' "${part#e}" |
          sed 's/\(.*\)\(..\)$/\1.\2/')"
        ;;
      *)
        echo "${0##*/}: error: no row '$row'; run/lm_rows.sh lists them" >&2
        return 1
        ;;
    esac
  done
}
