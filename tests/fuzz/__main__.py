"""Bad inputs for every command, binary and file format; counts what is not refused as it should be.

python -m tests.fuzz --cases 5000 --seed 7
python -m tests.fuzz --seed 7 --only hits --case 123     repeats one case and shows all of it
python -m tests.fuzz --valid      each entry without a mutation, with and without byte order marks
"""

import argparse
import logging
import os
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
os.environ.update(OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="")
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--cases", type=int, default=300, help="how many (default: 300)")
    add("--seed", type=int, default=1, help="of the cases (default: 1)")
    add("--only", nargs="+", default=[], metavar="NAME", help="parts of names of entries")
    add("--case", type=int, metavar="NUMBER", help="run one case and show its output")
    add("--valid", action="store_true", help="run each entry as it is instead")
    args = parser.parse_args()

    logging.disable(logging.INFO)
    from fuzz.processes import preload, sources

    preload()
    logging.disable(logging.NOTSET)
    from fuzz.driver import Fuzz, describe, table
    from tqdm import tqdm

    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        fuzz = Fuzz(Path(folder), args.only)
        if args.valid:
            wrong = 0
            for entry, done, changed in fuzz.valid_runs():
                if done.status != 0:
                    errors = done.output[-2000:] + done.errors[-2000:]
                    print(f"{entry.name}: {done.status}\n{errors}")
                for words in changed:
                    print(f"{entry.name}, with byte order marks: {words[-2000:]}")
                wrong += done.status != 0 or bool(changed)
            print(f"{len(fuzz.entries)} entries, {wrong} wrong")
            sys.exit(wrong)
        only = f" --only {' '.join(args.only)}" if args.only else ""
        repeat = f"python -m tests.fuzz --seed {args.seed}{only}"
        numbers = range(args.cases) if args.case is None else [args.case]
        verdicts, before = [], sources()
        for number in tqdm(numbers, unit="case"):
            verdict = fuzz.run(args.seed, number)
            verdicts.append(verdict)
            if args.case is not None:
                print(verdict.done.output, verdict.done.errors, f"status {verdict.done.status}\n")
            if verdict.faults or args.case is not None:
                print(describe(verdict, repeat), flush=True)
    print(table(verdicts))
    if sources() != before:
        sys.exit("The sources have changed while it ran: some faults may be of both; run it again")
    sys.exit(any(verdict.faults for verdict in verdicts))


if __name__ == "__main__":
    main()
