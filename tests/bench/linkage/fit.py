"""Fits the weights that the register matches people with, and writes ingest/match/model.json."""

import json

import pandas as pd

from comparisons import COMPARISONS
from model import MODEL, fitted, linker_of, train, weight
from records import PROJECT, load

records = pd.concat([load("febrl1", False), load("febrl2", False)], ignore_index=True)
linker = linker_of(records, COMPARISONS)
train(linker)
model = {
    "made": "Splink 5.0.0: u from random pairs, m by expectation maximisation, on the made-up people of Febrl 1 and 2; "
    "made again by tests/bench/linkage/fit.py",
    # One true pair in two thousand: an ICB's register of some two thousand records. Fixed, so that a pair's weight does not
    # change with what else has come.
    "prior": 0.0005,
    # A probability of 0.99, below which nothing is joined, and of 0.8.
    "link_weight": 6.63,
    "ask_weight": 2,
    "comparisons": fitted(linker),
}
for comparison in model["comparisons"]:
    for level in comparison["levels"][1:]:
        if level["m"] is None or level["u"] is None:
            raise SystemExit(f"{comparison['name']}, {level['label']}: not fitted; give it m and u by hand")
        level["m"], level["u"] = float(f"{level['m']:.6g}"), float(f"{level['u']:.6g}")
        print(f"{comparison['name']:14} {level['label']:36} {level['m']:.6f} {level['u']:.8f} {weight(level):7.2f}  {level['from']}")
MODEL.write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")


# Pairs for the test that DuckDB scores as Splink does: all levels, few pairs.
sample = records[records["person"].isin(sorted(records["person"].unique())[:60])].reset_index(drop=True)
sample["sex_code"] = ["1" if index % 3 else "2" if index % 2 else None for index in range(len(sample))]
golden = linker_of(sample, model["comparisons"], prior=model["prior"])
scored = golden.inference.predict(threshold_match_weight=-100).as_pandas_dataframe()
fixtures = PROJECT / "tests/fixtures/linkage"
kept = sample.drop(columns=["person", "nhs_number"])
kept.to_json(fixtures / "golden_records.json", orient="records", lines=True)
scored = scored.sort_values(["unique_id_l", "unique_id_r"])[["unique_id_l", "unique_id_r", "match_weight"]]
scored["match_weight"] = scored["match_weight"].round(9)
scored.to_csv(fixtures / "golden_scores.csv", index=False)
print(f"{len(scored)} golden pairs of {len(sample)} records")
