#!/usr/bin/env bash
# CLINE (Wang et al., 2021), Tables 4, 5 and 6, for any pre-trained checkpoints: fine-tunes each on
# each task with each learning rate, with and without FreeLB, and tests the best on contrast sets,
# on ready adversarial examples, and under an attack of its own.
#
#   python -m data_prep.contrast_set test_original.tsv test_contrast.tsv --format imdb \
#     --destdir sets/imdb && cp sets/imdb/sets.tsv raw/imdb/   # beside its train.tsv and test.tsv
#   CHECKPOINTS="roberta=roberta.base/model.pt cline=cline/checkpoint_last.pt" \
#     TOKENIZER=roberta.base DATA=raw SAVE_DIR=checkpoints/tables bash run/cline_tables.sh --fp16
#   CHECKPOINTS="... no-rtd=no-rtd/checkpoint_last.pt random=random/checkpoint_last.pt" \
#     TASKS="perspectrum boolq" SHARES="0.01 0.1" ... bash run/cline_tables.sh --fp16
#
# Batch of an update: 32 examples.
#
# Expected (accuracy; Con: consistency). The paper fine-tunes with five learning rates and takes the
# best result on the contrast test set; here the validation split decides, unless SELECT=contrast.
# Table 4:       IMDB            PERSPECTRUM     BoolQ           SNLI
#                Ori  Rev  Con   Ori  Rev  Con   Ori  Rev  Con   Ori  Rev  Con
#   BERT         92.2 89.8 82.4  74.7 72.8 57.6  60.9 57.6 36.1  89.8 73.0 65.1
#   RoBERTa      93.6 93.0 87.1  80.6 78.8 65.0  69.6 60.6 43.9  90.8 75.2 67.8
#   CLINE        94.5 93.9 88.5  81.6 80.2 72.2  73.9 63.9 47.8  91.3 76.0 69.2
# Table 5 (on examples that TextFooler made; vanilla, then FreeLB):
#                IMDB         AG           MR           SNLI
#   BERT         88.7  91.9   88.8  93.3   68.4  75.9   48.6  56.1
#   RoBERTa      93.9  95.2   91.9  93.5   79.7  81.0   55.1  58.1
#   CLINE        94.7  95.9   92.3  94.2   80.4  82.1   55.4  58.7
# Table 6 (share of the training data):
#                                1%              10%             100%
#                                Ori  Rev  Con   Ori  Rev  Con   Ori  Rev  Con
#   PERSPECTRUM CLINE            71.4 60.4 33.6  75.1 69.1 55.3  81.6 80.2 72.2
#     w/o RTD                    67.3 59.4 29.0  73.4 67.7 53.0  81.1 78.3 68.9
#     w/o hard negatives         59.0 53.0 14.7  71.4 68.8 38.2  80.9 78.2 65.9
#     RoBERTa                    55.8 54.8 13.8  72.4 66.8 45.2  80.6 78.8 65.0
#   BoolQ       CLINE            66.7 52.8 33.7  68.1 54.0 36.1  73.9 63.9 47.8
#     w/o RTD                    64.8 52.5 32.2  68.0 53.7 35.8  72.5 63.0 46.6
#     w/o hard negatives         60.1 49.0 30.0  68.1 53.4 35.2  69.6 61.8 44.5
#     RoBERTa                    60.9 49.3 27.5  65.2 53.1 32.8  69.6 60.6 43.9
# Not measured here: it takes pre-trained models of that size. The paper names neither batch size
# nor epochs of fine-tuning: those of run/finetune.sh are used.
#
# A published set becomes TASK/*.tsv by data_prep.text_classification, which leaves them in raw/:
#   python -m data_prep.text_classification --dataset imdb ... --destdir bin/imdb &&
#     cp -r bin/imdb/raw raw/imdb
#
# Variables:
#   CHECKPOINTS    pre-trained models, NAME=PATH, separated by spaces; all that are compared. A path
#                  is a checkpoint, or a folder with model.pt
#   ENCODER        the encoder before the pre-training, a folder of fairseq_cline.import_encoder; in
#                  the place of TOKENIZER, and without CHECKPOINTS the one that is tested
#   TOKENIZER      their tokenizer folder, or the data-bin of their pre-training
#   DATA           TASK/train.tsv, lines of label<TAB>text[<TAB>text], and what there is of
#                  valid.tsv (default: drawn from train.tsv), test.tsv (to be attacked), sets.tsv
#                  (of data_prep.contrast_set) and adversarial.tsv (ready adversarial examples, in
#                  the format of train.tsv)
#   SAVE_DIR       data-bins, fine-tuned models, figures, tables.md and tables.json
#   TASKS          default: those of imdb perspectrum boolq snli ag mr that DATA has
#   LEARNING_RATES default: 1e-5 2e-5 3e-5 4e-5 5e-5
#   METHODS        default: vanilla freelb
#   FREELB         options of FreeLB, as "--adversarial-steps 2" (default: none)
#   SHARES         of the training data (default: 1). Below 1: vanilla on contrast sets alone
#   SEEDS          default: 1. They share what SHARES draws
#   EPOCHS         default: 3; a small share of the data needs more
#   NUM_GPUS       default: 1; they share out the batch of 32
#   SELECT         what chooses the learning rate for contrast sets: valid (default), or contrast
#   ATTACK         attack every model on test.tsv: pwws, or textattack:RECIPE (default: none)
#   ATTACK_LIMIT   texts to attack (default: 200)
#   ATTACK_WORKERS processes, each on one core of the CPU (default: 1, which uses a GPU if there is one)
# The tables hold all tasks, shares and seeds that were run with a SAVE_DIR, and of each the models of
# the last call. A killed run goes on where it stopped; a model that is done is left alone. DRY_RUN=1
# prints the training commands only. Options at the end are given to each fairseq-train.
set -euo pipefail

[ -z "${ENCODER:-}" ] || CHECKPOINTS=${CHECKPOINTS:-$(basename "$ENCODER")=$ENCODER}
: "${CHECKPOINTS:?or ENCODER: pre-trained models to fine-tune, NAME=PATH, separated by spaces}"
: "${DATA:?folder with TASK/train.tsv and what to test on}"
: "${SAVE_DIR:?folder for data-bins, fine-tuned models and the tables}"
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
shares=${SHARES:-1}
seeds=${SEEDS:-1}
attack=${ATTACK:-}
declare -A suffixes=([vanilla]="" [freelb]="+FreeLB") # of the names in the tables
user_options=("$@")
. "$repository/run/finetune.sh"

fail() {
  echo "cline_tables: error: $1" >&2
  exit 1
}

# has TASK FILE: whether DATA has it; a dry run assumes so
has() {
  [ -n "${DRY_RUN:-}" ] || [ -e "$DATA/$1/$2" ]
}

tasks=${TASKS:-}
if [ -z "$tasks" ]; then
  for task in imdb perspectrum boolq snli ag mr; do
    ! has "$task" train.tsv || tasks+=" $task"
  done
  [ -n "$tasks" ] || fail "$DATA: no imdb/train.tsv or the like in it; name TASKS"
fi

# check: before the training, which takes long
check() {
  local checkpoint share method seed number task names=" "
  for checkpoint in $CHECKPOINTS; do
    [[ $checkpoint =~ ^[^=/]+=. ]] || fail "CHECKPOINTS: '$checkpoint' is not NAME=PATH"
    [[ $names != *" ${checkpoint%%=*} "* ]] || fail "CHECKPOINTS: two are ${checkpoint%%=*}"
    names+="${checkpoint%%=*} "
    [ -n "${DRY_RUN:-}" ] || [ -e "${checkpoint#*=}" ] || fail "${checkpoint#*=}: no such file"
  done
  for share in $shares; do
    [[ $share =~ ^(1|0?\.[0-9]+)$ ]] || fail "SHARES: '$share' is not 1 or a fraction, as 0.01"
  done
  for method in ${METHODS:-}; do
    [[ $method =~ ^(vanilla|freelb)$ ]] || fail "METHODS: '$method' is not vanilla or freelb"
  done
  for seed in $seeds; do
    [[ $seed =~ ^[0-9]+$ ]] || fail "SEEDS: '$seed' is not a number"
  done
  [[ ${SELECT:-valid} =~ ^(valid|contrast)$ ]] || fail "SELECT: '$SELECT' is not valid or contrast"
  [[ ${attack:-pwws} =~ ^(pwws|textattack:[a-z0-9-]+)$ ]] ||
    fail "ATTACK: '$attack' is not pwws or textattack:RECIPE"
  for number in ATTACK_LIMIT ATTACK_WORKERS; do
    [[ ${!number:-1} =~ ^[1-9][0-9]*$ ]] || fail "$number: '${!number}' is not a number above 0"
  done
  for task in $tasks; do
    has "$task" train.tsv || fail "$DATA/$task/train.tsv: no such file"
    has "$task" sets.tsv || has "$task" adversarial.tsv || [ -n "$attack" ] ||
      fail "$DATA/$task: neither sets.tsv nor adversarial.tsv to test on, and no ATTACK"
    [[ " $shares " == *" 1 "* ]] || has "$task" sets.tsv ||
      fail "$DATA/$task/sets.tsv: no such file, and SHARES below 1 are tested on nothing else"
    [ -z "$attack" ] || has "$task" test.tsv || fail "$DATA/$task/test.tsv: no such file to attack"
  done
}

# prepare TASK SHARE DATABIN
prepare() {
  local split source=(--train "$DATA/$1/train.tsv")
  for split in valid test; do
    ! has "$1" "$split.tsv" || source+=("--$split" "$DATA/$1/$split.tsv")
  done
  python -m data_prep.text_classification "${source[@]}" --train-share "$2" --destdir "$3" \
    --tokenizer "${TOKENIZER:-${ENCODER:?or TOKENIZER: folder with the tokenizer of the encoders}}"
}

# train DATABIN FOLDER SEED METHOD RATE: fine-tunes ENCODER; only the best epoch is kept
train() {
  local objective=(--criterion sentence_prediction)
  [ "$4" = vanilla ] || objective=(--criterion freelb ${FREELB:-}) # unquoted: several options
  # This task lets FreeLB run its backward passes one by one, in the memory of one.
  finetune "$1" "$2" "$3" 10000 --task clld_classification "${objective[@]}" --lr "$5" \
    --best-checkpoint-metric accuracy --maximize-best-checkpoint-metric
  [ -n "${DRY_RUN:-}" ] || rm -f "$2/checkpoint_last.pt"
}

# train_all DATABIN FOLDER SEED METHODS: sets `models`, NAME=PATH of each, a name for its rates
train_all() {
  local checkpoint method rate name folder
  models=()
  for checkpoint in $CHECKPOINTS; do
    for method in $4; do
      name=${checkpoint%%=*}
      for rate in ${LEARNING_RATES:-1e-5 2e-5 3e-5 4e-5 5e-5}; do
        folder=$2/$method/$name/lr$rate
        ENCODER=${checkpoint#*=} train "$1" "$folder" "$3" "$method" "$rate"
        models+=("$name${suffixes[$method]}=$folder/checkpoint_best.pt")
      done
    done
  done
}

# evaluate TASK DATABIN FOLDER SHARE: `models`, on what the task has
evaluate() {
  if has "$1" sets.tsv; then
    python -m fairseq_cline.evaluation.contrast_sets "${models[@]}" --data "$2" \
      --sets "$DATA/$1/sets.tsv" --select "${SELECT:-valid}" --json "$3/contrast.json"
  fi
  [ "$4" = 1 ] || return 0
  if has "$1" adversarial.tsv; then
    python -m fairseq_cline.evaluation.adversarial "${models[@]}" --data "$2" \
      --examples "$DATA/$1/adversarial.tsv" --json "$3/adversarial.json"
  fi
  if [ -n "$attack" ]; then
    local workers=(--workers "${ATTACK_WORKERS:-1}")
    [ "${ATTACK_WORKERS:-1}" = 1 ] || workers+=(--cpu)
    python -m fairseq_cline.evaluation.adversarial "${models[@]}" --data "$2" \
      --attack "$attack" --limit "${ATTACK_LIMIT:-200}" "${workers[@]}" \
      --logs "$3/attacks" --json "$3/attack-${attack//:/-}.json"
  fi
}

check
for task in $tasks; do
  for share in $shares; do
    methods=${METHODS:-vanilla freelb}
    if [ "$share" != 1 ]; then
      if ! has "$task" sets.tsv; then
        echo "cline_tables: $DATA/$task has no sets.tsv: share $share of its training is left out"
        continue
      fi
      methods=vanilla
    fi
    databin=$SAVE_DIR/data/$task-$share
    [ -n "${DRY_RUN:-}" ] || [ -e "$databin" ] || prepare "$task" "$share" "$databin"
    for seed in $seeds; do
      folder=$SAVE_DIR/$task/share-$share/seed$seed
      train_all "$databin" "$folder" "$seed" "$methods"
      [ -n "${DRY_RUN:-}" ] || evaluate "$task" "$databin" "$folder" "$share"
    done
  done
done
if [ -z "${DRY_RUN:-}" ]; then
  python -m fairseq_cline.evaluation.cline_tables "$SAVE_DIR" --json "$SAVE_DIR/tables.json" |
    tee "$SAVE_DIR/tables.md.tmp"
  mv "$SAVE_DIR/tables.md.tmp" "$SAVE_DIR/tables.md"
fi
