# Starts a pre-training on one machine or several, on GPUs or on the CPU. Sourced by
# run/cline_pretrain.sh and run/dcl_pretrain.sh.
set -euo pipefail

. "$repository/run/lib/same_inputs.sh"

# take_launch: the variables of where and how it runs
take_launch() {
  take BATCH_SIZE number ""
  take UPDATE_FREQ number ""
  take NUM_GPUS number ""
  take PRECISION word "" "fp16 bf16 fp32"
  take LAUNCH word local "local torchrun slurm"
  take NUM_MACHINES number ""
  take MACHINE_RANK count ""
  take MASTER_ADDR text ""
  take PORT number 29500
  take DRY_RUN switch ""
}

# count_machines: sets `machines`
count_machines() {
  local name value
  machines=1
  case $launch in
    local)
      [ -z "$num_machines$machine_rank" ] ||
        fail "NUM_MACHINES and MACHINE_RANK go with LAUNCH=torchrun"
      ;;
    torchrun)
      for name in NUM_MACHINES MACHINE_RANK MASTER_ADDR; do
        value=${name,,}
        [ -n "${!value}" ] || fail "LAUNCH=torchrun needs $name"
      done
      machines=$num_machines
      ;;
    slurm)
      machines=${SLURM_JOB_NUM_NODES:-}
      [[ $machines =~ ^[1-9][0-9]{0,5}$ ]] ||
        fail "LAUNCH=slurm runs inside sbatch or salloc, which set SLURM_JOB_NUM_NODES"
      ;;
  esac
}

# find_gpus: sets `num_gpus` (of all machines) and `device_options`. NUM_GPUS is believed in a dry run,
# and inside SLURM, where this may run on a machine that has none.
find_gpus() {
  local seen=$num_gpus options=" ${user_options[*]} "
  [ -n "$num_gpus" ] && [[ -n $dry_run || $launch = slurm ]] ||
    seen=$(python -c 'import torch; print(torch.cuda.device_count())')
  if ((seen == 0)) || [[ $options = *" --cpu "* ]]; then
    [ "$launch" = local ] || fail "no GPU found; LAUNCH=$launch needs them on each machine"
    [[ $options = *" --cpu "* ]] || echo "$recipe: no GPU found, training on the CPU" >&2
    num_gpus=1 device_options=(--cpu)
    return
  fi
  num_gpus=${num_gpus:-$((seen * machines))}
  ((num_gpus <= seen * machines)) || fail "NUM_GPUS: $num_gpus, and there are $((seen * machines))"
  ((num_gpus % machines == 0)) ||
    fail "NUM_GPUS $num_gpus (of all machines) cannot be shared out evenly to $machines machines"
  device_options=()
  # fairseq takes fp16 where two types are asked for.
  if [[ $precision != fp32 && ! $options =~ " --"(fp16|bf16|amp|memory-efficient-) ]]; then
    device_options=(--"${precision:-fp16}")
  fi
}

# share_out BATCH_SIZE: sets `batch_size` (by default the argument, or less on many GPUs) and
# `update_freq`, which make 256 examples an update of all GPUs
share_out() {
  need_environment
  count_machines
  find_gpus
  batch_size=${batch_size:-$((num_gpus * $1 > 256 && num_gpus <= 256 ? 256 / num_gpus : $1))}
  update_freq=${update_freq:-$((256 / (num_gpus * batch_size)))}
  if ((num_gpus * batch_size * update_freq != 256)); then
    fail "NUM_GPUS $num_gpus x BATCH_SIZE $batch_size x UPDATE_FREQ $update_freq is not 256; \
choose three that multiply to it"
  fi
}

# start_from ENCODER: sets `start`, the options to begin with the weights of a checkpoint, or of a
# folder with model.pt. There are none when OUT has a checkpoint: fairseq itself goes on from that,
# unless it is told where to start.
start_from() {
  local checkpoint=$1
  [ ! -d "$1" ] || checkpoint=$1/model.pt
  start=()
  if [ ! -e "$out/checkpoint_last.pt" ]; then
    [ -f "$checkpoint" ] || fail "ENCODER: $checkpoint: no such file; name a checkpoint, or a folder \
of fairseq_cline.import_encoder"
    start=(--restore-file "$checkpoint" --reset-optimizer --reset-dataloader --reset-meters
      --reset-lr-scheduler)
  fi
  [[ -n $dry_run || ! -f $checkpoint ]] || check_same_encoder "$checkpoint" "$out"
}

# pretrain OPTIONS...: runs fairseq-train on all GPUs; the array `user_options` comes last
pretrain() {
  local plugin command
  plugin=$(python -m fairseq_cline)
  command=(fairseq-train "$data" --user-dir "$plugin" --tokens-per-sample 512 --mask-prob 0.15
    --dropout 0.1 --attention-dropout 0.1
    --optimizer adam --adam-betas '(0.9, 0.999)' --weight-decay 0.01
    --batch-size "$batch_size" --update-freq "$update_freq" "${device_options[@]}"
    --distributed-world-size "$num_gpus" --save-dir "$out" --save-interval-updates 1000
    --keep-interval-updates 2 --no-epoch-checkpoints --log-format simple --log-interval 50 --seed 1
    "$@" "${start[@]}")
  case $launch in
    torchrun)
      # fairseq reads rank and size from what torchrun sets.
      command=(torchrun --nnodes "$machines" --node-rank "$machine_rank"
        --nproc-per-node "$((num_gpus / machines))" --master-addr "$master_addr"
        --master-port "$port" --no-python "${command[@]}")
      ;;
    slurm)
      # One task a machine: fairseq asks SLURM for the machines, starts a process per GPU itself. When
      # one task has ended the others have a minute: if all stop, srun ends with their status.
      command=(srun --ntasks-per-node 1 --kill-on-bad-exit=0 --wait 60 "${command[@]}"
        --distributed-port "$port")
      ;;
  esac
  command+=("${user_options[@]}")
  if [ -n "$dry_run" ]; then
    printf '%q ' "${command[@]}"
    echo
  else
    exec "${command[@]}"
  fi
}
