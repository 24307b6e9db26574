"""Splink beside the register's own matching, on Febrl 3 and 4, with and without the number: precision, recall and F1.

python compare.py DIST, where DIST holds the compiled project. Splink fits itself on the very records; the register uses
the weights that are shipped. "By weight" is our scores at the link weight, "register" what the register really joins,
with its guards against twins and namesakes; what it asks about is counted beside it.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas as pd

from comparisons import COMPARISONS
from model import MODEL, linker_of, train
from records import PROJECT, load

LINK = json.loads(MODEL.read_text())["link_weight"]
NUMBER = {
    "name": "nhs_number",
    "label": "NHS number",
    "levels": [
        {"label": "not recorded", "sql": "nhs_number_l is null or nhs_number_r is null"},
        {"label": "the same", "sql": "nhs_number_l = nhs_number_r"},
        {"label": "different", "sql": None},
    ],
}


def ours(records: pd.DataFrame, program: str, *more: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, str]:
    """Every record is a feed of its own, for two records of one feed are never joined without asking."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        sent = records.assign(feed=records["unique_id"])
        for column in ("nhs_number", "sex_code"):
            sent[column] = sent[column].astype("string")
        sent.to_parquet(path / "records.parquet")
        done = subprocess.run(
            ["node", str(PROJECT / "tests/bench/linkage/match.mjs"), program, str(path / "records.parquet"), folder, *more],
            cwd=PROJECT,
            check=True,
            capture_output=True,
            text=True,
        )
        read = [pd.read_parquet(path / f"{name}.parquet") for name in ("pairs", "people", "judged")]
        return read[0], read[1], read[2], done.stdout


def clusters(pairs: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    parent = {unique_id: unique_id for unique_id in records["unique_id"]}

    def find(unique_id: str) -> str:
        while parent[unique_id] != unique_id:
            parent[unique_id] = parent[parent[unique_id]]
            unique_id = parent[unique_id]
        return unique_id

    for one, other in zip(pairs["one"], pairs["other"]):
        parent[find(one)] = find(other)
    return pd.DataFrame({"unique_id": records["unique_id"], "label": records["unique_id"].map(find)})


def figures(pairs: set[tuple[str, str]], truth: set[tuple[str, str]]) -> tuple[float, float, float]:
    right = len(pairs & truth)
    precision, recall = right / max(len(pairs), 1), right / len(truth)
    return precision, recall, 2 * precision * recall / (precision + recall)


def ordered(frame: pd.DataFrame) -> set[tuple[str, str]]:
    return {(min(pair), max(pair)) for pair in zip(frame["one"], frame["other"])}


def within(groups: pd.DataFrame, key: str) -> set[tuple[str, str]]:
    return {
        (members[i], members[j])
        for members in (sorted(part) for _, part in groups.groupby(key)["unique_id"])
        for i in range(len(members))
        for j in range(i + 1, len(members))
    }


def line(what: str, pairs: set, truth: set) -> float:
    precision, recall, f1 = figures(pairs, truth)
    print(f"  {what:34} precision {precision:.4f}  recall {recall:.4f}  F1 {f1:.4f}")
    return f1


def main(program: str) -> None:
    for name in ("febrl3", "febrl4"):
        for with_number in (False, True):
            records = load(name, with_number)
            truth = within(records, "person")
            print(f"{name}, {'with' if with_number else 'without'} the number: {len(records)} records, {len(truth)} true pairs")
            comparisons = [*COMPARISONS, NUMBER] if with_number else COMPARISONS
            linker = linker_of(records, comparisons, prior=0.0005, number=with_number)
            train(linker)
            predicted = linker.inference.predict(threshold_match_weight=-20)
            scored = predicted.as_pandas_dataframe()
            scored = scored.rename(columns={"unique_id_l": "one", "unique_id_r": "other", "match_weight": "weight"})
            # Splink with its own model: the link weight is meant for our prior, 0.99 is what its users take.
            linked = scored[scored["match_probability"] >= 0.99]
            line("Splink, pairs", ordered(linked), truth)
            best = line("Splink, closed", within(clusters(linked, records), "label"), truth)
            pairs, people, judged, _ = ours(records, program)
            pairs = pairs[pairs["weight"] >= LINK]
            if with_number:
                numbers = records.dropna(subset=["nhs_number"])[["unique_id", "nhs_number"]]
                held = dict(zip(numbers["unique_id"], numbers["nhs_number"]))
                pairs = pairs[[held.get(a) is None or held.get(b) is None for a, b in zip(pairs["one"], pairs["other"])]]
                same = pd.DataFrame(sorted(within(numbers, "nhs_number")), columns=["one", "other"])
                pairs = pd.concat([pairs, same])
            line("by weight, pairs", ordered(pairs), truth)
            f1 = line("by weight, closed", within(clusters(pairs, records), "label"), truth)
            joined = within(people, "label")
            line("register", joined, truth)
            asked = ordered(judged) - joined
            print(f"  asked: {len(asked)} pairs, {len(asked & truth)} of them true; with answers recall {len((joined | asked) & truth) / len(truth):.4f}")
            print(f"  difference of F1 from Splink, closed: {f1 - best:+.4f}")


if __name__ == "__main__":
    main(sys.argv[1])
