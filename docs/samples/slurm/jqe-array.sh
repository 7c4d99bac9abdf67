#!/bin/bash
# A Slurm array over a folder of pictures, or over a list of names: every task takes its share by the names, one processor each.
#   SHARDS=100 sbatch --array=0-99 docs/samples/slurm/jqe-array.sh quality /data/photos /data/results
#   SHARDS=100 sbatch --array=0-99 docs/samples/slurm/jqe-array.sh primary /data/names.txt /data/results --second auto
#   cat /data/results/*.jsonl > results.jsonl                # once all tasks have ended
# A task that was killed or requeued does what its file of results lacks. The same SHARDS, array and names every time;
# some tasks again: SHARDS=100 sbatch --array=3,17 ..., or scontrol requeue JOB_3.
# Give the memory and time of docs/scale.md: sbatch --mem=... --time=...
#SBATCH --job-name=jqe
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=jqe-%A-%a.log

# Not SLURM_ARRAY_TASK_COUNT: that of an array run again in part is smaller.
: "${SHARDS:?number of shards; the array is 0 to SHARDS - 1}"
verb=$1 pictures=$2 results=$3
shift 3
options=(--shard "$SLURM_ARRAY_TASK_ID/$SHARDS" --results "$results/$SLURM_ARRAY_TASK_ID.jsonl" --threads "${SLURM_CPUS_PER_TASK:-1}" "$@")

# As a step (srun), the tool itself gets the scheduler's signals: on SIGTERM it drops the picture at hand and ends.
if [ -d "$pictures" ]; then
    srun "${JQE:-jqe}" "$verb" "$pictures" --recursive "${options[@]}"
else
    srun --input="$pictures" "${JQE:-jqe}" "$verb" - "${options[@]}"
fi
status=$?
# 1: all is done, some pictures could not be read, and their lines say why.
[ "$status" -eq 1 ] && exit 0
exit "$status"
