"""Splink models from the comparisons, and ingest/match/model.json from a fitted one."""

import json
import logging
import math

import pandas as pd
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from comparisons import COMPARISONS
from records import PROJECT

MODEL = PROJECT / "ingest/match/model.json"
SEED = 20261122
logging.getLogger("splink").setLevel(logging.ERROR)

BLOCKS = [
    block_on("born", "left(family_name, 2)"),
    block_on("born", "left(given_name, 2)"),
    block_on("born", "postcode"),
    block_on("left(born, 4) || least(substr(born, 5, 2), right(born, 2)) || greatest(substr(born, 5, 2), right(born, 2))", "left(family_name, 2)"),
    block_on("postcode", "left(given_name, 3)"),
    block_on("postcode", "left(family_name, 3)"),
    block_on("given_name", "family_name", "left(born, 4)"),
    block_on("given_name", "family_name", "right(born, 4)"),
    block_on("given_name", "family_name", "address"),
    block_on("address", "born"),
]


def linker_of(records: pd.DataFrame, comparisons: list[dict], prior: float = 0.0001, number: bool = False) -> Linker:
    settings = SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=prior,
        comparisons=[splink_comparison(comparison) for comparison in comparisons],
        blocking_rules_to_generate_predictions=[*BLOCKS, *([block_on('nhs_number')] if number else [])],
    )
    api = DuckDBAPI()
    columns = [column for column in records.columns if column not in ("person", "feed")]
    return Linker(api.register(records[columns]), settings)


def splink_comparison(comparison: dict) -> dict:
    levels = []
    for index, level in enumerate(comparison["levels"]):
        shown = {"sql_condition": level["sql"] or "ELSE", "label_for_charts": level["label"]}
        if index == 0:
            shown["is_null_level"] = True
        fixed = level.get("fixed") or {key: level[key] for key in ("m", "u") if key in level}
        for key in fixed:
            shown[f"{key}_probability"] = fixed[key]
            shown[f"fix_{key}_probability"] = True
        levels.append(shown)
    return {"output_column_name": comparison["name"], "comparison_levels": levels}


def train(linker: Linker, seed: int = SEED) -> None:
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=seed)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("born"), record_sample_proportion=1)
    linker.training.estimate_parameters_using_expectation_maximisation(
        block_on("given_name", "family_name"), record_sample_proportion=1
    )


def fitted(linker: Linker) -> list[dict]:
    """The comparisons with the m and u of a fitted linker; what no record could say is None."""
    saved = {comparison["output_column_name"]: comparison for comparison in linker.misc.save_model_to_json()["comparisons"]}
    result = []
    for comparison in COMPARISONS:
        levels = []
        for index, (level, kept) in enumerate(
            zip(comparison["levels"], saved[comparison["name"]]["comparison_levels"], strict=True)
        ):
            entry = {"label": level["label"], "sql": level["sql"]}
            if index > 0:
                source = level.get("fixed")
                m = source["m"] if source else kept.get("m_probability")
                u = source["u"] if source else kept.get("u_probability")
                entry |= {"m": m, "u": u, "from": "set by hand" if source else "fitted"}
            levels.append(entry)
        result.append({"name": comparison["name"], "label": comparison["label"], "levels": levels})
    return result


def weight(level: dict) -> float:
    return math.log2(level["m"] / level["u"])
