#!/usr/bin/env bash
# CLLD (Lan et al., 2021), Tables II and III: each encoder on each data set, over several seeds, as
#
#   plain      stock fine-tuning (the paper's CT)
#   twin       each example passes twice, without contrast: the control for CLLD's doubled batch
#   cl         with contrast (CT+CL)
#   static     with distances between the classes that plain confuses most (CT+CLSLED)
#   adaptive   with distances learned by Algorithm 1 (CT+CLALD)
#
# and of our own, not among the default rows:
#
#   early        adaptive, but an update after each validation from the first one on: before the best
#                epoch, where Algorithm 1's first one often comes after it
#   sharp        cl with temperature 0.1, against the nearly flat soft-max of the printed formula
#   sharp-early  both
#
#   MODELS=text_cnn DATASETS="trec mr" DATA=data-bin/clld SAVE_DIR=checkpoints/clld \
#     bash run/clld.sh --cpu
#   ENCODER=bert MODELS=encoder DATA=data-bin/clld SAVE_DIR=checkpoints/clld/bert \
#     bash run/clld.sh --fp16                   ENCODER: a BERT or an ALBERT, imported
#
# Batch of an update: 128 examples (TextCNN: 50 examples).
#
# Expected (accuracy, Table II; "+" is CLLD, on 20ng with BERT its row `static`; MR with ALBERT+ is
# printed so):
#           BERT  BERT+  ALBERT  ALBERT+  TextCNN  TextCNN+
#   20ng    85.3   86.6    80.6     81.7     78.8      80.0
#   trec    97.6   97.8    96.4     96.6     88.2      88.8
#   r8      97.8   98.1    97.3     97.7     94.8      95.0
#   r52     96.4   96.5    94.8     95.6     91.1      91.3
#   mr      85.7   87.0    86.6     97.0     70.9      72.1
# Table III (20ng, BERT): plain 85.30, cl 86.30, static 86.60, adaptive 86.56.
# The paper names neither its validation split, nor the number of runs, nor how many updates lie
# between two validations. Algorithm 1 changes distances at every tenth, after a fifth of the epochs:
# with one validation an epoch that comes after the best epoch, and `adaptive` is `cl`. So all rows are
# validated ten times an epoch here. With TextCNN every row trains for 10 epochs (our choice: its best
# ones are among the first 10); the others for at most 50, and stop after 10 without gain, as in the paper.
#
# Variables:
#   DATA         folder of the data-bins DATASET-words and DATASET-subwords; missing ones are made
#   SAVE_DIR     models, figures and tables, in DATASET/MODEL (with SHARE: DATASET-SHARE/MODEL)
#   DATASETS     default: 20ng trec r8 r52 mr
#   RAW          folder with DATASET/train.tsv and DATASET/test.tsv, lines of label<TAB>text, for
#                any DATASET (default: download the published ones)
#   MODELS       default: encoder text_cnn
#   ROWS         default: plain twin cl static adaptive
#   SHARE        of the training data (default: 1)
#   SEEDS        default: 1 2 3 4 5
#   EPOCHS       at most (default: 10 with text_cnn, else 50)
#   ENCODER      encoder: the pre-trained one, a folder of fairseq_cline.import_encoder, or one with
#                model.pt and its tokenizer
# static reads SAVE_DIR/DATASET/MODEL/pairs.tsv (label<TAB>label a line), which you may write; else
# it is made of what the plain model of the first seed confuses in the validation split.
# A killed run goes on where it stopped; a model that is done is left alone. DRY_RUN=1 prints the
# training commands only. Options at the end are given to each fairseq-train.
set -euo pipefail

: "${DATA:?folder of the data-bins, which are made when they are not there}"
: "${SAVE_DIR:?folder for models and results, a sub-folder for each data set and model}"
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rows=${ROWS:-plain twin cl static adaptive}
seeds=${SEEDS:-1 2 3 4 5}
share=${SHARE:-1}
[ "$share" = 1 ] && part= || part=-$share # of the names of folders
user_options=("$@")
. "$repository/run/encoder.sh"
. "$repository/run/train_once.sh"

# choose_model MODEL: sets `form` (of its texts), `batch`, `epochs` and `model_options`
choose_model() {
  form=subwords batch=128 epochs=${EPOCHS:-50}
  case $1 in
    encoder)
      read_encoder "${ENCODER:?pre-trained encoder to fine-tune, for the model encoder}"
      # Section IV-B, for BERT and ALBERT.
      model_options=("${encoder_options[@]}" --max-length 128 --lr 2e-5
        --adam-betas '(0.9, 0.999)' --weight-decay 0.1
        --dropout 0.1 --attention-dropout 0.1 --pooler-dropout 0.5)
      ;;
    text_cnn)
      # Kim (2014), section 3.1: batches of 50, dropout 0.5.
      form=words batch=50 epochs=${EPOCHS:-10}
      model_options=(--arch text_cnn --dropout 0.5 --lr 1e-3)
      ;;
    *)
      echo "clld: error: there is no model '$1'; use encoder or text_cnn" >&2
      exit 1
      ;;
  esac
}

sharp=(--contrastive-temperature 0.1)
early=(--label-distance adaptive --label-distance-start 0 --label-distance-interval 1)

# choose_row ROW PAIRS: sets `row_options`
choose_row() {
  case $1 in
    plain) row_options=(--criterion sentence_prediction) ;;
    twin) row_options=(--criterion clld --contrastive-weight 0 --label-distance none) ;;
    cl) row_options=(--criterion clld --label-distance none) ;;
    static)
      row_options=(--criterion clld --label-distance static --label-distance-file "$2")
      ;;
    adaptive) row_options=(--criterion clld --label-distance adaptive) ;;
    early) row_options=(--criterion clld "${early[@]}") ;;
    sharp) row_options=(--criterion clld "${sharp[@]}" --label-distance none) ;;
    sharp-early) row_options=(--criterion clld "${sharp[@]}" "${early[@]}") ;;
    *)
      echo "clld: error: there is no row '$1'; they are on top of this file" >&2
      exit 1
      ;;
  esac
}

# prepare DATASET DATABIN
prepare() {
  local source=(--dataset "$1") tokenizer=(--words)
  [ -z "${RAW:-}" ] || source=(--train "$RAW/$1/train.tsv" --test "$RAW/$1/test.tsv")
  [ "$form" = words ] || tokenizer=(--tokenizer "$ENCODER")
  python -m data_prep.text_classification "${source[@]}" "${tokenizer[@]}" \
    --train-share "$share" --destdir "$2"
}

# train DATABIN FOLDER SEED: with the options chosen above; only the best checkpoint is kept
train() {
  local examples=5000 interval # of a dry run
  [ -n "${DRY_RUN:-}" ] || examples=$(wc -l <"$1/raw/train.tsv")
  interval=$(((examples + 10 * batch - 1) / (10 * batch))) # a tenth of an epoch
  # fairseq makes batches of 48 of 50, unless any size is allowed. The best checkpoint is written where
  # validation and saving meet; patience counts validations.
  train_once "$2" fairseq-train "$1" --user-dir "$repository/fairseq_cline" --save-dir "$2" \
    --task clld_classification --shorten-method truncate --optimizer adam --lr-scheduler fixed \
    --batch-size "$batch" --required-batch-size-multiple 1 --max-epoch "$epochs" --patience 100 \
    --validate-interval-updates "$interval" --validate-interval "$((epochs + 1))" \
    --save-interval-updates "$interval" --keep-interval-updates 1 --no-epoch-checkpoints \
    --best-checkpoint-metric accuracy --maximize-best-checkpoint-metric \
    --distributed-world-size 1 --num-workers 0 --log-format simple --log-interval 100 --seed "$3" \
    "${model_options[@]}" "${row_options[@]}" "${user_options[@]}"
  [ -n "${DRY_RUN:-}" ] || rm -f "$2"/checkpoint_{last,*_*}.pt
}

# find_pairs DATABIN FOLDER: FOLDER/pairs.tsv, unless it is there
find_pairs() {
  [ ! -e "$2/pairs.tsv" ] || return 0
  python -m fairseq_cline.evaluation.classify --data "$1" --split valid \
    "plain=$2/seed${seeds%% *}/plain/checkpoint_best.pt" --json "$2/plain-valid.json"
  python -m fairseq_cline.evaluation.confused_pairs "$2/plain-valid.json" --output "$2/pairs.tsv"
}

# evaluate DATABIN FOLDER: the rows of a seed
evaluate() {
  local row split models=() learned=()
  for row in $rows; do
    models+=("$row=$2/$row/checkpoint_best.pt")
    [[ ! $row =~ ^(adaptive|early|sharp-early)$ ]] || learned+=("${models[-1]}")
  done
  for split in valid test; do
    python -m fairseq_cline.evaluation.classify "${models[@]}" --data "$1" --split "$split" \
      --json "$2/$split.json"
  done
  ((!${#learned[@]})) || python -m fairseq_cline.evaluation.label_distance "${learned[@]}" \
    --data "$1" --plot "$2/label_distance.png" --csv "$2/label_distance.csv" \
    --json "$2/label_distance.json"
}

# summarize FOLDER: all seeds, against both baselines
summarize() {
  local row seed reports=() against=()
  for row in plain twin; do
    [[ " $rows " != *" $row "* ]] || against+=(--against "$row")
  done
  for seed in $seeds; do
    reports+=("$1/seed$seed/test.json")
  done
  python -m fairseq_cline.evaluation.seeds "${reports[@]}" "${against[@]}" --json "$1/test.json" |
    tee "$1/test.md"
}

for dataset in ${DATASETS:-20ng trec r8 r52 mr}; do
  for model in ${MODELS:-encoder text_cnn}; do
    choose_model "$model"
    databin=$DATA/$dataset-$form$part folder=$SAVE_DIR/$dataset$part/$model
    [ -n "${DRY_RUN:-}" ] || [ -e "$databin" ] || prepare "$dataset" "$databin"
    for seed in $seeds; do
      for row in $rows; do
        [[ -n ${DRY_RUN:-} || $row != static ]] || find_pairs "$databin" "$folder"
        choose_row "$row" "$folder/pairs.tsv"
        train "$databin" "$folder/seed$seed/$row" "$seed"
      done
      [ -n "${DRY_RUN:-}" ] || evaluate "$databin" "$folder/seed$seed"
    done
    [ -n "${DRY_RUN:-}" ] || summarize "$folder"
  done
done
