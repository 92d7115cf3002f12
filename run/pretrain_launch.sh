# Starts a pre-training on one machine or several. Sourced by run/cline_pretrain.sh and
# run/dcl_pretrain.sh, which have these variables in common:
#   LAUNCH       local (default): one machine
#                torchrun: the same command on each of NUM_MACHINES, with MACHINE_RANK (0, 1, ...)
#                          and MASTER_ADDR (host of rank 0)
#                slurm: inside `sbatch --nodes N --ntasks-per-node 1 --gpus-per-node G`
#   NUM_GPUS     GPUs of all machines together (default: those of this one on each)
#   BATCH_SIZE   examples per GPU and step (default: the recipe's, less on many GPUs)
#   UPDATE_FREQ  steps per update (default: what makes 256 examples an update)
#   PORT         of the first machine (default 29500)
#   DRY_RUN=1    prints the command, on one line, and does not run it
set -euo pipefail

launch=${LAUNCH:-local}
port=${PORT:-29500}

fail() {
  echo "$(basename "$0" .sh): error: $1" >&2
  exit 1
}

gpus_here() { python -c 'import torch; print(torch.cuda.device_count())'; }

# share_out BATCH_SIZE: sets `machines`, `num_gpus`, `batch_size` (by default the argument, or less
# on many GPUs) and `update_freq`, which make 256 examples an update.
share_out() {
  local number
  case $launch in
    local) machines=1 ;;
    torchrun)
      machines=${NUM_MACHINES:?number of machines}
      : "${MACHINE_RANK:?0 on the first machine, 1 on the second, ...}"
      : "${MASTER_ADDR:?host name of the first machine}"
      ;;
    slurm) machines=${SLURM_JOB_NUM_NODES:?set by SLURM: run this inside sbatch or salloc} ;;
    *) fail "LAUNCH=$launch is unknown; use local, torchrun or slurm" ;;
  esac
  num_gpus=${NUM_GPUS:-$(($(gpus_here) * machines))}
  for number in "$machines" "$num_gpus" "${BATCH_SIZE:-1}" "${UPDATE_FREQ:-1}"; do
    [[ $number =~ ^[1-9][0-9]*$ ]] ||
      fail "machines, NUM_GPUS, BATCH_SIZE and UPDATE_FREQ must be 1 or more, not '$number'"
  done
  ((num_gpus % machines == 0)) ||
    fail "NUM_GPUS $num_gpus (of all machines) cannot be shared out evenly to $machines machines"
  batch_size=${BATCH_SIZE:-$((num_gpus * $1 > 256 && num_gpus <= 256 ? 256 / num_gpus : $1))}
  update_freq=${UPDATE_FREQ:-$((256 / (num_gpus * batch_size)))}
  if ((num_gpus * batch_size * update_freq != 256)); then
    fail "NUM_GPUS $num_gpus x BATCH_SIZE $batch_size x UPDATE_FREQ $update_freq is not 256; \
choose three that multiply to it"
  fi
}

# start_from ENCODER: sets `start`, the options to begin with the weights of a checkpoint, or of a
# folder with model.pt. There are none when SAVE_DIR has a checkpoint: fairseq itself goes on from that,
# unless it is told where to start.
start_from() {
  local checkpoint=$1
  [ ! -d "$1" ] || checkpoint=$1/model.pt
  start=()
  if [ ! -e "$SAVE_DIR/checkpoint_last.pt" ]; then
    [ -f "$checkpoint" ] || fail "ENCODER: $checkpoint: no such file; name a checkpoint, or a folder \
of fairseq_cline.import_encoder"
    start=(--restore-file "$checkpoint" --reset-optimizer --reset-dataloader --reset-meters
      --reset-lr-scheduler)
  fi
}

# launch COMMAND...: runs the training command on all GPUs; the array `user_options` comes last.
launch() {
  local command
  case $launch in
    local) command=("$@") ;;
    torchrun)
      # fairseq reads rank and size from what torchrun sets.
      command=(torchrun --nnodes "$machines" --node-rank "$MACHINE_RANK"
        --nproc-per-node "$((num_gpus / machines))" --master-addr "$MASTER_ADDR"
        --master-port "$port" --no-python "$@")
      ;;
    slurm)
      # One task a machine: fairseq asks SLURM for the machines, starts a process per GPU itself.
      command=(srun --ntasks-per-node 1 --kill-on-bad-exit "$@" --distributed-port "$port")
      ;;
  esac
  command+=("${user_options[@]}")

  if [ "${DRY_RUN:-}" = 1 ]; then
    printf '%q ' "${command[@]}"
    echo
  else
    exec "${command[@]}"
  fi
}
