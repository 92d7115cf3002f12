# CLINE on a pre-trained encoder: the objective that did best there (`best` of run/cline_encoder.sh).
# Sourced by the recipes that train so.
set -euo pipefail

cline_on_encoder=(--criterion cline --contrast infonce --contrastive-temperature 0.05
  --consistency-weight 10 --task-weighting fixed)
whole_originals=(--mask-prob 0 --mlm-weight 0)
