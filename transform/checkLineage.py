"""Stops the build when a published column tells something of one person: `checkLineage.py <dbt's manifest.json>`.

Follows each column from the sources through the compiled SQL of every model into schema `published`. A source column
has a class (register/pseudonymisedColumns.ts; `meta` in the manifest). What is made of it has that class until cleared:

| Class        | Stands for                                                   | Cleared by                            |
| ------------ | ------------------------------------------------------------ | ------------------------------------- |
| direct, text | what must not be in the warehouse                            | nothing: it stops the build at once   |
| key          | pseudonym, record key, number of a row or record             | count                                 |
| quasi        | kept field that identifies indirectly, criminal-offence data | count, average                        |
| day          | exact day in one person's life, and what is reckoned from it | count, average, date_trunc to month … |
| tally        | count, sum or average over the records of one person         | count, average, sum                   |
| none         | treated value, code that identifies nobody, our own facts    | -                                     |

- Average is avg, median, stddev, variance and the quantiles from 0.05 to 0.95. One person's value is still told by min,
  max, first, list, mode, quantile_disc …, and by every function that is not named here. A sum clears tallies only, as
  its largest part can be most of it.
- An aggregate grouped by a key, or in a query that is asked for each key, is about one person: it gives a tally.
- A window is about one row: its function clears nothing, and a count, sum or rank along a key is a tally.
- A comparison, and a case with literals as results, give a value of a closed list. Months are the axis of every figure.
- Conditions, join keys, group by and order by choose rows and give no value: the small-number rule is for them.
- What cannot be parsed, resolved or followed stops the build; so does whatever changes a table beside its model's SQL.
"""

import json
import sys
from collections.abc import Iterable
from graphlib import TopologicalSorter
from textwrap import shorten

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

LEAK = 7  # register/errors.ts
WORDS = {
    "key": "a key of one person or record",
    "quasi": "what may identify one person indirectly",
    "day": "a day in one person's life",
    "tally": "a number about one person",
}
COUNTS = (exp.Count, exp.CountIf, exp.ApproxDistinct)
AVERAGES = (exp.Avg, exp.Median, exp.PercentileCont, exp.Stddev, exp.StddevPop, exp.StddevSamp)
AVERAGES += (exp.Variance, exp.VariancePop)
CLEARED = {COUNTS: {"key", "quasi", "day", "tally"}, AVERAGES: {"quasi", "day", "tally"}, (exp.Sum,): {"tally"}}
FIGURES = tuple(kind for kinds in CLEARED for kind in kinds)
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
COMPARISONS += (exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.Exists)
LONG_UNITS = {"MONTH", "QUARTER", "YEAR", "DECADE", "CENTURY"}
# A whole row as one value, columns by pattern or place, what is set elsewhere: the text does not say what they hold.
UNFOLLOWED = (exp.TableColumn, exp.Columns, exp.Star, exp.PositionalColumn, exp.Placeholder)

# What a column tells, as class and source column, with the way from there.
Taint = dict[tuple[str, str], tuple[str, ...]]
Columns = dict[str, Taint]


class Stopped(Exception):
    """What the person who runs the build reads, and what to do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}\n{remedy}")


class CannotFollow(Exception):
    """Why a model cannot be followed: it is stopped at, never taken for clean."""


def main(manifest: dict) -> str:
    lineage = Lineage()
    for source in manifest["sources"].values():
        lineage.add(source, source_columns(source))
    # Tests make no table. What runs before or after everything stands among the nodes too, and is refused.
    models = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] != "test"}
    reads = {name: [read for read in node["depends_on"]["nodes"] if read in models] for name, node in models.items()}
    published: Columns = {}
    for node in (models[name] for name in TopologicalSorter(reads).static_order()):
        try:
            columns = lineage.of(compiled_query(node))
        except (CannotFollow, SqlglotError) as error:
            why = str(error).splitlines()[0].rstrip(".")
            raise Stopped(
                f"{label(node)} cannot be followed, so nobody knows what it tells: {why}.",
                f"Write transform/{node['original_file_path']} so that the check can follow it, then run: dsr run",
            ) from error
        columns = {name: extended(taint, f"{label(node)}.{name}") for name, taint in columns.items()}
        lineage.add(node, columns)
        if node["schema"] == "published":
            published |= {f"{label(node)}.{name}": taint for name, taint in columns.items()}
    if not published:
        raise Stopped("dbt compiled no published model: nothing was checked.", "Look at transform/models/published.")
    if any(published.values()):
        raise Stopped(
            "\n".join(describe(name, taint) for name, taint in published.items() if taint),
            "Count, average or band it, or take it out (docs/pseudonymisation.md), then run: dsr run",
        )
    return f"{len(published)} published columns tell nothing of one person"


def label(node: dict) -> str:
    return f"{node['schema']}.{node['name']}"


def source_columns(source: dict) -> Columns:
    columns: Columns = {}
    for name, column in source["columns"].items():
        origin, kind = f"{label(source)}.{name}", column["config"]["meta"].get("class")
        if kind in ("direct", "text"):
            raise Stopped(
                f"{origin} is of class {kind} and must not be in the warehouse at all.",
                "Put its treatment in register/dictionary right, then run: make generate",
            )
        if kind != "none" and kind not in WORDS:
            raise Stopped(f"{origin} has no class, so nobody knows what it tells of a person.", "Run: make generate")
        columns[name] = {} if kind == "none" else {(kind, origin): (f"{origin} ({kind})",)}
    return columns


def compiled_query(node: dict) -> exp.Query:
    config = node["config"]
    if config.get("pre-hook") or config.get("post-hook") or config.get("materialized") not in ("table", "view"):
        raise CannotFollow("hooks, and tables that keep what another run wrote, hold more than the compiled SQL says")
    if not node.get("compiled_code"):
        raise CannotFollow("dbt did not compile it")
    statements = sqlglot.parse(node["compiled_code"], dialect="duckdb")
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise CannotFollow("it is not one query")
    if any(step.args.get("recursive") for step in statements[0].find_all(exp.With)):
        raise CannotFollow("a query that reads itself")
    if statements[0].find(exp.Pivot):
        raise CannotFollow("rows turned into columns, or columns into rows")
    return statements[0]


class Lineage:
    """What each column of each table tells, and, while a query is followed, of each of its steps."""

    def __init__(self) -> None:
        self.tables: dict[str, Columns] = {}
        self.schema = MappingSchema(dialect="duckdb")

    def add(self, node: dict, columns: Columns) -> None:
        table = exp.to_table(node["relation_name"], dialect="duckdb")
        self.tables[full_name(table)] = columns
        self.schema.add_table(table, dict.fromkeys(columns, "unknown"))

    def of(self, query: exp.Query) -> Columns:
        query = qualify(query, dialect="duckdb", schema=self.schema, quote_identifiers=False, identify=False)
        self.steps: dict[int, Columns] = {}
        # Each subquery, step of `with` and lateral comes before what reads it.
        for self.scope in traverse_scope(query):
            self.steps[id(self.scope.expression)] = self.outputs(self.scope)
        return self.step(query)

    def outputs(self, scope: Scope) -> Columns:
        step = scope.expression
        if isinstance(step, exp.SetOperation):
            left, right = (self.step(side) for side in (step.left, step.right))
            if step.args.get("by_name") or len(left) != len(right):
                raise CannotFollow("a union whose columns do not stand side by side")
            return {name: merged([left[name], other]) for name, other in zip(left, right.values())}
        if not isinstance(step, exp.Select):
            # Unnest, values, lateral: whatever goes in may come out in each column.
            return {"*": self.inside(step)}
        for source in scope.sources.values():
            self.read(source)  # Also one that only chooses rows has to be known.
        self.person = self.one_person(scope, step)
        columns: Columns = {}
        for at, projection in enumerate(step.selects):
            value, name = projection.unalias(), projection.alias_or_name.lower()
            taint = self.taint(value)
            # In a union only the first query's names count: the others' may be missing or come twice.
            name = name if name not in columns else f"{name} {at}"
            columns[name] = taint if isinstance(value, exp.Column) else extended(taint, f"through {sql(value)}")
        return columns

    def one_person(self, scope: Scope, step: exp.Select) -> Taint:
        """The keys by which rows are brought together, as tallies: with any, an aggregate is about one person."""
        group = step.args.get("group")
        by = [*group.find_all(exp.Column)] if group else []
        if group and group.args.get("all"):
            keys = [value for value in step.selects if not value.find(exp.AggFunc)]
            by += [column for value in keys for column in value.find_all(exp.Column)]
        return self.tallies([*by, *scope.external_columns])

    def tallies(self, by: Iterable[exp.Column]) -> Taint:
        keys = merged(self.column(column) for column in by)
        return {("tally", origin): way for (kind, origin), way in keys.items() if kind == "key"}

    def taint(self, value: exp.Expression) -> Taint:
        if isinstance(value, exp.Column):
            return self.column(value)
        if isinstance(value, exp.Query):
            return merged(self.step(value).values())
        if isinstance(value, UNFOLLOWED) or (isinstance(value, exp.Anonymous) and value.name.lower() == "getvariable"):
            raise CannotFollow(f"what {sql(value)} holds")
        if isinstance(value, COMPARISONS):
            return {}
        if isinstance(value, (exp.Case, exp.If)):
            results = [*value.args.get("ifs", []), *(value.args.get(end) for end in ("default", "true", "false"))]
            return merged(self.taint(result) for result in results if result)
        if isinstance(value, exp.Filter):
            return self.taint(value.this)
        if isinstance(value, exp.Window):
            return self.window(value)
        if isinstance(value, (exp.DateTrunc, exp.TimestampTrunc)) and value.text("unit").upper() in LONG_UNITS:
            return without(self.inside(value), {"day"})
        figure = value.this if isinstance(value, exp.WithinGroup) else value
        for kinds, cleared in CLEARED.items():
            if isinstance(figure, kinds) and not is_extreme(figure):
                return merged([{} if kinds is COUNTS else without(self.inside(value), cleared), self.person])
        return self.inside(value)

    def window(self, window: exp.Window) -> Taint:
        function = window.this.this if isinstance(window.this, exp.Filter) else window.this
        given = {} if isinstance(function.this, exp.Star) else self.inside(function)
        if function.find(exp.Column) and not isinstance(function, FIGURES):
            return given
        named = window.parent_select.args.get("windows") or [] if window.args.get("alias") else []
        keys = self.tallies(column for part in [window, *named] for column in part.find_all(exp.Column))
        return merged([given, keys])

    def inside(self, value: exp.Expression) -> Taint:
        return merged(self.taint(part) for part in value.iter_expressions())

    def column(self, column: exp.Column) -> Taint:
        scope: Scope | None = self.scope
        while scope and column.table not in scope.sources:
            scope = scope.parent
        known = self.read(scope.sources[column.table]) if scope else {}
        taint = known.get(column.name.lower(), known.get("*"))
        if taint is None:
            raise CannotFollow(f"no model or source has the column {sql(column)}")
        return taint

    def read(self, source: exp.Table | Scope) -> Columns:
        if isinstance(source, Scope):
            return self.step(source.expression)
        columns = self.tables.get(full_name(source))
        if columns is None:
            raise CannotFollow(f"{sql(source)} is no source and no model before this one")
        return columns

    def step(self, query: exp.Expression) -> Columns:
        columns = self.steps.get(id(query.unnest()))
        if columns is None:
            raise CannotFollow("a step is read before it is made")
        return columns


def full_name(table: exp.Table) -> str:
    return f"{table.catalog}.{table.db}.{table.name}".lower()


def is_extreme(figure: exp.Expression) -> bool:
    """The quantile at 1 is the maximum. A fraction that is not written as a number could be that."""
    fraction = (figure.expression or figure.this) if isinstance(figure, exp.PercentileCont) else None
    return fraction is not None and not (fraction.is_number and 0.05 <= float(fraction.name) <= 0.95)


def merged(taints: Iterable[Taint]) -> Taint:
    """All that any of them tells, each by its shortest way."""
    result: Taint = {}
    for what, way in (item for taint in taints for item in taint.items()):
        if what not in result or len(way) < len(result[what]):
            result[what] = way
    return result


def without(taint: Taint, kinds: set[str]) -> Taint:
    return {what: way for what, way in taint.items() if what[0] not in kinds}


def extended(taint: Taint, step: str) -> Taint:
    return {what: (*way, step) for what, way in taint.items()}


def sql(value: exp.Expression) -> str:
    return shorten(value.sql(dialect="duckdb", normalize_functions="lower", comments=False), 110, placeholder=" …")


def describe(column: str, taint: Taint) -> str:
    (kind, _), way = min(taint.items(), key=lambda item: len(item[1]))
    steps = [f"    {step}" if step.startswith("through ") else f"  <- {step}" for step in reversed(way[:-1])]
    more = [f"  and from {len(taint) - 1} more"] if len(taint) > 1 else []
    return "\n".join([f"{column} tells {WORDS[kind]}:", *steps, *more])


if __name__ == "__main__":
    try:
        with open(sys.argv[1], encoding="utf8") as file:
            print(main(json.load(file)))
    except Stopped as stop:
        print(stop)
        sys.exit(LEAK)
