"""The comparisons of records of people: the levels that are shipped in ingest/match/model.json, in Splink's SQL.

`fixed` gives m and u where the records that we fit on cannot say: they hold no sex and no short names.
"""

PLACE_KNOWN = "postcode_l is not null and postcode_r is not null"
EXCHANGED = (
    "given_name_l <> given_name_r and family_name_l <> family_name_r "
    "and jaro_winkler_similarity(given_name_l, family_name_r) >= 0.9 and jaro_winkler_similarity(family_name_l, given_name_r) >= 0.9"
)

COMPARISONS = [
    {
        "name": "given_name",
        "label": "given name",
        "levels": [
            {"label": "not recorded", "sql": "given_name_l is null or given_name_r is null"},
            {"label": "the same", "sql": "given_name_l = given_name_r"},
            {
                "label": "a short form",
                "sql": "list_has_any(given_names_l, given_names_r)",
                "fixed": {"m": 0.03, "u": 0.003},
            },
            {"label": "given and family name exchanged", "sql": EXCHANGED},
            {"label": "nearly the same", "sql": "jaro_winkler_similarity(given_name_l, given_name_r) >= 0.9"},
            {"label": "somewhat alike", "sql": "jaro_winkler_similarity(given_name_l, given_name_r) >= 0.75"},
            {"label": "different", "sql": None},
        ],
    },
    {
        "name": "family_name",
        "label": "family name",
        "levels": [
            {
                # Exchanged names are told of once, beside the given name.
                "label": "not recorded",
                "sql": f"family_name_l is null or family_name_r is null or ({EXCHANGED})",
            },
            {"label": "the same", "sql": "family_name_l = family_name_r"},
            {
                "label": "one of two names",
                "sql": "list_has_any(family_names_l, family_names_r)",
                "fixed": {"m": 0.02, "u": 0.002},
            },
            {"label": "nearly the same", "sql": "jaro_winkler_similarity(family_name_l, family_name_r) >= 0.9"},
            {"label": "somewhat alike", "sql": "jaro_winkler_similarity(family_name_l, family_name_r) >= 0.75"},
            {"label": "different", "sql": None},
        ],
    },
    {
        "name": "date_of_birth",
        "label": "birth date",
        "levels": [
            {"label": "not recorded", "sql": "born_l is null or born_r is null"},
            {"label": "the same", "sql": "born_l = born_r"},
            {
                "label": "day and month exchanged",
                "sql": "left(born_l, 4) = left(born_r, 4) and substr(born_l, 5, 2) = right(born_r, 2) and right(born_l, 2) = substr(born_r, 5, 2)",
                "fixed": {"m": 0.01, "u": 0.00004},
            },
            {"label": "one digit off", "sql": "damerau_levenshtein(born_l, born_r) = 1"},
            {"label": "two digits off", "sql": "damerau_levenshtein(born_l, born_r) = 2"},
            {"label": "different", "sql": None},
        ],
    },
    {
        "name": "sex_code",
        "label": "sex",
        "levels": [
            {"label": "not recorded", "sql": "sex_code_l is null or sex_code_r is null"},
            {"label": "the same", "sql": "sex_code_l = sex_code_r", "fixed": {"m": 0.98, "u": 0.55}},
            {"label": "different", "sql": None, "fixed": {"m": 0.02, "u": 0.45}},
        ],
    },
    {
        # One comparison, because whoever shares an address shares its postcode.
        "name": "place",
        "label": "address",
        "levels": [
            {
                "label": "not recorded",
                "sql": "(postcode_l is null or postcode_r is null) and (address_l is null or address_r is null)",
            },
            {
                "label": "the same postcode and address",
                "sql": "postcode_l = postcode_r and jaro_winkler_similarity(address_l, address_r) >= 0.9",
            },
            {"label": "the same postcode", "sql": "postcode_l = postcode_r"},
            {
                "label": "the same address, another postcode",
                "sql": "jaro_winkler_similarity(address_l, address_r) >= 0.9",
            },
            {"label": "nearly the same postcode", "sql": "damerau_levenshtein(postcode_l, postcode_r) = 1"},
            {"label": "different", "sql": None},
        ],
    },
]
