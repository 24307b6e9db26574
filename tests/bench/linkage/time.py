"""Time of the register's matching without any NHS number, and of Splink's predict on the same pairs: python time.py DIST [SIZE ...]."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from comparisons import COMPARISONS
from model import MODEL, linker_of
from records import PROJECT, crowd


def main(program: str, sizes: list[int]) -> None:
    model = json.loads(MODEL.read_text())
    for size in sizes:
        records = crowd(size)
        with tempfile.TemporaryDirectory() as folder:
            sent = records.assign(feed=records["unique_id"])
            for column in ("nhs_number", "sex_code"):
                sent[column] = sent[column].astype("string")
            sent.to_parquet(Path(folder) / "records.parquet")
            script = PROJECT / "tests/bench/linkage/match.mjs"
            command = ["node", str(script), program, str(Path(folder) / "records.parquet"), folder]
            print(f"{size} records", subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout.replace("\n", "  "))
        linker = linker_of(records, model["comparisons"], prior=model["prior"])
        start = time.perf_counter()
        linker.inference.predict(threshold_match_weight=model["ask_weight"])
        print(f"{size} records  Splink predict: {time.perf_counter() - start:.2f} s", flush=True)


main(sys.argv[1], [int(size) for size in sys.argv[2:]] or [10_000, 100_000, 1_000_000])
