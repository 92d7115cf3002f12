#!/usr/bin/env bash
# CLINE on a pre-trained sentence encoder: what it gives, what it costs, and which part does it. Each
# row is trained from the same encoder with the same text, batches and number of updates.
#
#   masked_lm          the masked LM alone
#   paper-cls          CLINE as printed, on [CLS]: dot products, the antonym version as the negative
#   paper-mean         the same on the mean of the tokens
#   best               on the mean: cosines, the versions of the other triplets as negatives too,
#                      vectors of originals that stay near those of the encoder before, whole
#                      originals and no masked LM
#   best-cls           the same on [CLS]
#   without-antonym, without-batch, without-consistency, without-rtd
#                      best without one part of it: the antonym version as a negative; the other
#                      triplets as negatives (16 batches of one triplet make an update); nearness to
#                      the encoder before; replaced-token detection
#   with-mlm           best with masked originals and the masked LM, as printed
#
#   ENCODER=encoder STS=sts/test.csv TEXT=brown WORDS=mr-test.txt bash run/cline_encoder.sh
#
# Batch of an update: 16 triplets.
# Expected (all-MiniLM-L6-v2, 200 updates): Hits (mean) of `best` at least 20 points above those of the
# encoder, at equal figures on STS-B; run/results/quickstart/ has such a row.
#
# Variables:
#   ENCODER    a pre-trained encoder, by fairseq_cline.import_encoder, with its tokenizer
#   OUT        models, figures and tables (default: cline_encoder)
#   TEXT       folder of train.txt, valid.txt and test.txt (default: WordNet's definitions)
#   STS        similarities to keep, in the form of STS-B (default: those of WordNet's definitions)
#   OPPOSITES  sentence<TAB>same<TAB>opposite (default: run/texts/opposites.tsv)
#   WORDS      text, a sentence a line, for triplets that differ in one word (default: none)
#   ROWS       default: all of the above
#   SEEDS      default: 1 2 3
#   UPDATES    default: 200
#   DRY_RUN    1 prints the training commands only
# It trains on CPUs. A killed run goes on where it stopped; a row that is done is left alone. Options at
# the end are given to each fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/cline_on_encoder.sh"
. "$repository/run/lib/same_inputs.sh"
. "$repository/run/lib/train_once.sh"
all_rows="masked_lm paper-cls paper-mean best best-cls without-antonym without-batch \
without-consistency without-rtd with-mlm"
take ENCODER path
take OUT path cline_encoder
take TEXT path ""
take STS path ""
take OPPOSITES path "$repository/run/texts/opposites.tsv"
take WORDS path ""
take ROWS words "$all_rows" "$all_rows"
take SEEDS numbers "1 2 3"
take UPDATES number 200
take DRY_RUN switch ""
taken "$@"

# choose_row ROW: sets `row_options`
choose_row() {
  local best=("${cline_on_encoder[@]}") whole=("${whole_originals[@]}")
  local mean=(--sentence-feature mean)
  case $1 in
    masked_lm) row_options=(--criterion masked_lm "${mean[@]}") ;;
    paper-cls) row_options=(--criterion cline --sentence-feature cls) ;;
    paper-mean) row_options=(--criterion cline "${mean[@]}") ;;
    best) row_options=("${best[@]}" "${whole[@]}" "${mean[@]}") ;;
    best-cls) row_options=("${best[@]}" "${whole[@]}" --sentence-feature cls) ;;
    with-mlm) row_options=("${best[@]}" "${mean[@]}") ;;
    without-antonym) row_options=("${best[@]}" "${whole[@]}" "${mean[@]}" --negatives random) ;;
    without-batch)
      row_options=("${best[@]}" "${whole[@]}" "${mean[@]}" --batch-size 1 --update-freq 16)
      ;;
    without-consistency)
      row_options=("${best[@]}" "${whole[@]}" "${mean[@]}" --consistency-weight 0)
      ;;
    without-rtd) row_options=("${best[@]}" "${whole[@]}" "${mean[@]}" --rtd-weight 0) ;;
  esac
}

# prepare: data-bin and test sets in `out`; what is there is left alone
prepare() {
  check_same_encoder "$encoder" "$out"
  if [ -z "$text" ]; then
    text=$out/text
    [ -e "$text" ] || python -m data_prep.wordnet_corpus --destdir "$text"
  fi
  check_same_text "$out/text.sha256" "$text"/{train,valid,test}.txt
  [ -e "$out/triplets" ] || python -m data_prep.make_triplets --train "$text/train.txt" \
    --valid "$text/valid.txt" --test "$text/test.txt" --tokenizer "$encoder" \
    --tokens-per-sample 64 --workers "$(nproc)" --destdir "$out/triplets"
  [ -e "$out/definitions.csv" ] ||
    python -m data_prep.wordnet_similarity --output "$out/definitions.csv"
}

# train ROW SEED
train() {
  local folder=$out/seed$2/$1
  choose_row "$1"
  train_once "$folder" fairseq-train "$out/triplets" --user-dir "$repository/fairseq_cline" \
    --cpu --distributed-world-size 1 --task cline_pretrain --tokens-per-sample 64 \
    --arch cline_bert --finetune-from-model "$encoder/model.pt" \
    --optimizer adam --adam-betas '(0.9, 0.999)' --weight-decay 0.01 --clip-norm 1.0 \
    --lr 1e-4 --lr-scheduler polynomial_decay --warmup-updates $((updates / 10)) \
    --total-num-update "$updates" --max-update "$updates" --batch-size 16 \
    --required-batch-size-multiple 1 --disable-validation --num-workers 0 \
    --save-dir "$folder" --no-epoch-checkpoints --log-format simple --log-interval 10 \
    --seed "$2" "${row_options[@]}" "${user_options[@]}"
}

# evaluate SEED
evaluate() {
  local row folder=$out/seed$1 models=("before=$encoder/model.pt")
  for row in $rows; do
    models+=("$row=$folder/$row/checkpoint_last.pt")
  done
  python -m fairseq_cline.evaluation.hits "${models[@]}" --data "$out/triplets" --split test \
    --cpu --json "$folder/hits.json" --plot "$folder/hits.png"
  [ -z "$words" ] || python -m fairseq_cline.evaluation.hits "${models[@]}" --text "$words" \
    --one-word --tokenizer "$encoder" --cpu --json "$folder/hits-one-word.json"
  python -m fairseq_cline.evaluation.similarity "${models[@]}" --tokenizer "$encoder" --cpu \
    --sts "${sts:-$out/definitions.csv}" --opposites "$opposites" \
    --json "$folder/similarity.json" --plot "$folder/similarity.png"
}

[ -n "$dry_run" ] || prepare
for seed in $seeds; do
  for row in $rows; do
    train "$row" "$seed"
  done
  [ -n "$dry_run" ] || evaluate "$seed"
done
