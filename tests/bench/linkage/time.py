"""Time of the register's matching without any NHS number, and of Splink's predict: python time.py DIST [SIZE ...].

Both make their own pairs, by the same blocks and the same model, and keep those of the ask weight and above; the two counts say
whether they weighed the same.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

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
            said = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
            scoring, joining = (float(seconds) for seconds in re.findall(r"([\d.]+) s", said))
            pairs = len(pd.read_parquet(Path(folder) / "pairs.parquet"))
        linker = linker_of(records, model["comparisons"], prior=model["prior"])
        start = time.perf_counter()
        predicted = linker.inference.predict(threshold_match_weight=model["ask_weight"])
        splink = time.perf_counter() - start
        print(
            f"{size:,} records: scoring {scoring:.1f} s ({pairs:,} pairs), joining {joining:.1f} s; "
            f"Splink's predict {splink:.1f} s ({len(predicted.as_pandas_dataframe()):,} pairs); ratio {scoring / splink:.2f}",
            flush=True,
        )


main(sys.argv[1], [int(size) for size in sys.argv[2:]] or [10_000, 100_000, 1_000_000])
