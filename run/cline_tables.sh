#!/usr/bin/env bash
# CLINE (Wang et al., 2021), Tables 4, 5 and 6, for any pre-trained checkpoints: fine-tunes each on
# each task with each learning rate, with and without FreeLB, and tests the best on contrast sets,
# on ready adversarial examples, and under an attack of its own.
#
#   python -m data_prep.contrast_set test_original.tsv test_contrast.tsv --format imdb \
#     --destdir sets/imdb && cp sets/imdb/sets.tsv raw/imdb/   # beside its train.tsv and test.tsv
#   CHECKPOINTS="roberta=roberta.base/model.pt cline=cline/checkpoint_last.pt" \
#     TOKENIZER=roberta.base TEXT=raw OUT=checkpoints/tables bash run/cline_tables.sh --fp16
#   CHECKPOINTS="... no-rtd=no-rtd/checkpoint_last.pt random=random/checkpoint_last.pt" \
#     TASKS="perspectrum boolq" SHARES="0.01 0.1" ... bash run/cline_tables.sh --fp16
#
# A published set becomes TASK/*.tsv by data_prep.text_classification, which leaves them in raw/:
#   python -m data_prep.text_classification --dataset imdb ... --destdir bin/imdb &&
#     cp -r bin/imdb/raw raw/imdb
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
# nor epochs of fine-tuning: those of run/lib/finetune.sh are used.
#
# Variables:
#   CHECKPOINTS     pre-trained models, NAME=PATH, separated by spaces; all that are compared. A path is a
#                   checkpoint, or a folder with model.pt
#   ENCODER         the encoder before the pre-training, a folder of fairseq_cline.import_encoder; in the
#                   place of TOKENIZER, and without CHECKPOINTS the one that is tested
#   TOKENIZER       their tokenizer folder, or the data-bin of their pre-training
#   TEXT            folder with TASK/train.tsv, lines of label<TAB>text[<TAB>text], and what there is of
#                   valid.tsv (default: drawn from train.tsv), test.tsv (to be attacked), sets.tsv (of
#                   data_prep.contrast_set) and adversarial.tsv (ready adversarial examples, in the
#                   format of train.tsv)
#   OUT             data-bins, fine-tuned models, figures, tables.md and tables.json
#   TASKS           default: all in TEXT
#   LEARNING_RATES  default: 1e-5 2e-5 3e-5 4e-5 5e-5
#   METHODS         default: vanilla freelb
#   FREELB          options of FreeLB, as "--adversarial-steps 2" (default: none)
#   SHARES          of the training data (default: 1). Below 1: vanilla on contrast sets alone
#   SELECT          what chooses the learning rate for contrast sets: valid (default), or contrast
#   ATTACK          attack every model on test.tsv: pwws, or textattack:RECIPE (default: none)
#   ATTACK_LIMIT    texts to attack (default: 200)
#   ATTACK_WORKERS  processes, each on one core of the CPU (default: 1, which uses a GPU if there is one)
#   SEEDS           default: 1. They share what SHARES draws
#   EPOCHS          default: 3; a small share of the data needs more
#   NUM_GPUS        default: 1; they share out the batch of 32
#   ARCH            a RoBERTa architecture, as roberta_base, with its sizes among the options at the end
#                   (default: all follows from the checkpoint)
#   DRY_RUN         1 prints the training commands only
# The tables hold all tasks, shares and seeds that were run with an OUT, and of each the models of the
# last call. A killed run goes on where it stopped; a model that is done is left alone. Options at the end
# are given to each fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/finetune.sh"
. "$repository/run/lib/text_tasks.sh"
. "$repository/run/lib/cline_tables.sh"
take CHECKPOINTS models ""
take ENCODER path ""
take TOKENIZER path "$encoder"
take TEXT path
take OUT path
take TASKS words ""
take LEARNING_RATES rates "1e-5 2e-5 3e-5 4e-5 5e-5"
take METHODS words "vanilla freelb" "vanilla freelb"
take FREELB text ""
take SHARES shares 1
take SELECT word valid "valid contrast"
take ATTACK text ""
take ATTACK_LIMIT number 200
take ATTACK_WORKERS number 1
take_fine_tuning
taken "$@"
choose_tasks
check

for task in $tasks; do
  for share in $shares; do
    if [ "$share" != 1 ] && ! has "$task" sets.tsv; then
      echo "$recipe: $text/$task has no sets.tsv: share $share of its training is left out"
      continue
    fi
    databin=$out/data/$task-$share
    make_databin "$task" "$share" "$databin" --tokenizer "$tokenizer"
    for seed in $seeds; do
      folder=$out/$task/share-$share/seed$seed
      train_all "$([ "$share" = 1 ] && echo "$methods" || echo vanilla)"
      [ -n "$dry_run" ] || evaluate
    done
  done
done
if [ -z "$dry_run" ]; then
  python -m fairseq_cline.evaluation.cline_tables "$out" --json "$out/tables.json" |
    tee "$out/tables.md.tmp"
  mv "$out/tables.md.tmp" "$out/tables.md"
fi
