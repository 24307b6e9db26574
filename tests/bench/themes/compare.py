"""The lexicon beside TF-IDF with logistic regression (LR), and the two combined: themes on the train and the test part.

The learned coder and everything chosen here come from the train part by cross-validation, and its scores there are of
notes that it has not seen. The lexicon was written from the train part, so its train score says little: compare on
test. What is printed are totals; the text of a note never is.
"""

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from learned import RULES, More, Settings, best_rule, choose, f1_of, fit_and_judge, give_cross_fitted, out_of_fold

PROJECT = Path(__file__).resolve().parents[3]
BENCH = PROJECT / "tests/bench/themes"
THEMES = [f"T{number:02}" for number in range(1, 33)]
STRATEGIES = [f"P{number:02}" for number in range(1, 19)]
SURE = 0.85  # cross-validated precision of what the learned coder may add
FEWEST = 10  # additions, below which their precision is chance
KEPT = 0.8  # share of a code's true notes that the learned coder must let through when it judges a weak row
RESAMPLES = 2000


@dataclass(frozen=True)
class Part:
    texts: list[str]
    labels: np.ndarray
    traps: list[tuple[int, int]]  # note, code
    rows: list[dict[str, set[int]]]  # by note: code to the rows of the lexicon that found it

    def hits(self, codes: list[str]) -> np.ndarray:
        return np.array([[bool(found.get(code)) for code in codes] for found in self.rows])


@dataclass(frozen=True)
class Coder:
    name: str
    train: np.ndarray
    test: np.ndarray


def read(part: str, findings: list[dict]) -> Part:
    lines = (PROJECT / f"tests/fixtures/notes/{part}.jsonl").read_text().splitlines()
    notes = [json.loads(line) for line in lines]
    rows = []
    for note, found in zip(notes, findings, strict=True):
        assert note["id"] == found["id"]
        by_code: dict[str, set[int]] = {}
        for finding in found["findings"]:
            by_code.setdefault(finding["code"], set()).add(finding["row"])
        rows.append(by_code)
    traps = [
        (index, THEMES.index(trap["code"]))
        for index, note in enumerate(notes)
        for trap in note["traps"]
        if trap["code"] in THEMES
    ]
    labels = np.array([[code in note["themes"] for code in THEMES] for note in notes])
    return Part([note["text"] for note in notes], labels, traps, rows)


def ask(program: str, *options: str) -> dict:
    done = subprocess.run(
        ["node", str(BENCH / program), *options], cwd=PROJECT, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def supporters(train: Part) -> dict[int, set[int]]:
    """The train notes in which a row of the lexicon finds its code rightly."""
    notes: dict[int, set[int]] = {}
    for index, found in enumerate(train.rows):
        for code, rows in found.items():
            if code in THEMES and train.labels[index, THEMES.index(code)]:
                for row in rows:
                    notes.setdefault(row, set()).add(index)
    return notes


def hold_out(train: Part) -> Part:
    """The train part as if no row had been written for the note at hand: without rows that only it bears out."""
    support = supporters(train)
    rows = [
        {code: {row for row in rows if support.get(row) != {index}} for code, rows in found.items()}
        for index, found in enumerate(train.rows)
    ]
    return replace(train, rows=rows)


def weak_hits(part: Part, support: dict[int, set[int]], is_train: bool) -> np.ndarray:
    """Hits of rows that no other train note bears out."""

    def is_weak(index: int, rows: set[int]) -> bool:
        return bool(rows) and all(not (support.get(row, set()) - ({index} if is_train else set())) for row in rows)

    return np.array(
        [[is_weak(index, found.get(code, set())) for code in THEMES] for index, found in enumerate(part.rows)]
    )


def sure_threshold(judged: np.ndarray, hits: np.ndarray, labels: np.ndarray) -> tuple[float, str]:
    """The lowest threshold at which what LR adds to the hits is right often enough, and the account of it."""
    for threshold in np.unique(judged[~hits]):
        added = (judged >= threshold) & ~hits
        if added.sum() < FEWEST:
            break
        precision = (added & labels).sum() / added.sum()
        if precision >= SURE:
            return threshold, f"from {threshold:.2f}: {added.sum()} added on train, precision {precision:.2f}"
    return np.inf, f"adds nothing: no threshold gives {FEWEST} additions on train of precision {SURE}"


def measure(given: np.ndarray, part: Part) -> list[float]:
    hits = (given & part.labels).sum(axis=0)
    given_by_code, labels_by_code = given.sum(axis=0), part.labels.sum(axis=0)
    precision = hits.sum() / max(given_by_code.sum(), 1)
    recall = hits.sum() / labels_by_code.sum()
    macro = (2 * hits / np.maximum(given_by_code + labels_by_code, 1)).mean()
    return [precision, recall, f1_of(given, part.labels), macro, sum(given[trap] for trap in part.traps)]


def difference(given: np.ndarray, base: np.ndarray, labels: np.ndarray) -> str:
    """F1 less that of the lexicon, with the middle 95% over resampled notes."""
    draws = np.random.default_rng(1).integers(0, len(labels), (RESAMPLES, len(labels)))
    total = labels.sum(axis=1)[draws].sum(axis=1)

    def f1(found: np.ndarray) -> np.ndarray:
        return 2 * (found & labels).sum(axis=1)[draws].sum(axis=1) / (found.sum(axis=1)[draws].sum(axis=1) + total)

    low, high = np.quantile(f1(given) - f1(base), [0.025, 0.975])
    return f"{f1_of(given, labels) - f1_of(base, labels):+.3f} ({low:+.3f} to {high:+.3f})"


def learn(
    name: str, settings: Settings, train: Part, test: Part, more: More, new_columns: np.ndarray | None = None
) -> tuple[list[Coder], np.ndarray, np.ndarray]:
    """A learned coder, at its best F1 and where very sure, and its probabilities for train (out of fold) and test."""
    judged = out_of_fold(settings, train.texts, train.labels, more)
    new = fit_and_judge(settings, train.texts, train.labels, test.texts, replace(more, new_columns=new_columns))
    rule = best_rule(judged, train.labels)
    given = give_cross_fitted(judged, train.labels, RULES[rule])
    threshold, account = sure_threshold(judged, np.zeros_like(given), train.labels)
    print(f"  {name}: {rule}; very sure {account}")
    best = Coder(name, given, new >= RULES[rule](judged, train.labels))
    return [best, Coder(f"{name}, very sure", judged >= threshold, new >= threshold)], judged, new


def combine(name: str, train: Part, test: Part, judged: np.ndarray, new: np.ndarray) -> list[Coder]:
    hits, new_hits = train.hits(THEMES), test.hits(THEMES)
    coders = []
    for how, seen in (("", hits), (", chosen as if no row were of the note", hold_out(train).hits(THEMES))):
        threshold, account = sure_threshold(judged, seen, train.labels)
        print(f"  lexicon or very sure {name}{how}: {account}")
        mark = " (2)" if how else ""
        added, new_added = judged >= threshold, new >= threshold
        coders.append(Coder(f"lexicon or very sure {name}{mark}", hits | added, new_hits | new_added))
    support = supporters(train)
    floors = np.array([np.quantile(judged[train.labels[:, code], code], 1 - KEPT) for code in range(len(THEMES))])
    weak, new_weak = weak_hits(train, support, True), weak_hits(test, support, False)
    print(f"  weak rows: {weak.sum()} of {hits.sum()} hits on train, {new_weak.sum()} of {new_hits.sum()} on test")
    dropped, new_dropped = weak & (judged < floors), new_weak & (new < floors)
    return [*coders, Coder(f"lexicon, weak rows if {name}", hits & ~dropped, new_hits & ~new_dropped)]


def print_table(title: str, coders: list[Coder], codes: list[int], train: Part, test: Part) -> None:
    def only(part: Part) -> Part:
        traps = [(note, codes.index(code)) for note, code in part.traps if code in codes]
        return replace(part, labels=part.labels[:, codes], traps=traps)

    train, test = only(train), only(test)
    heads = "precision  recall     F1  macro  traps"
    print(f"\n{title}\n{'':42}{'train':>9}{'':33}{'test':>9}")
    print(f"{'':42}{heads}    {heads}    F1 less the lexicon's, 95% over notes")
    for coder in coders:
        sides = []
        for given, part in ((coder.train, train), (coder.test, test)):
            precision, recall, f1, macro, traps = measure(given[:, codes], part)
            sides.append(f"{precision:9.3f}{recall:8.3f}{f1:7.3f}{macro:7.3f}{traps:4}/{len(part.traps):<3}")
        gain = difference(coder.test[:, codes], coders[0].test[:, codes], test.labels)
        print(f"{coder.name:42}{sides[0]}   {sides[1]}   {gain}")


def main() -> None:
    found = ask("findings.mjs")
    train, test = (read(part, found["parts"][part]) for part in ("train", "test"))
    lexicon = Coder("lexicon", train.hits(THEMES), test.hits(THEMES))
    for part, given, data in (("train", lexicon.train, train), ("test", lexicon.test, test)):
        scored = ask("score.mjs", "--lexicon", "--json", "--kind", "theme", "--part", part)[part]["theme"]["f1"]
        # Two counts of the same notes: they differ if one is wrong, or if the lexicon was edited in between.
        assert abs(scored - measure(given, data)[2]) < 1e-9, f"score.mjs gives F1 {scored} on {part}: run again"
    print("\nTF-IDF with logistic regression (LR), cross-validated micro F1 on train by settings")
    settings, scores = choose(train.texts, train.labels)
    for one, score in scores.items():
        print(f"  {score:.3f}  {one}{'   <- taken' if one == settings else ''}")
    examples = found["examples"]
    learning = [json.loads(line) for path in sorted(BENCH.glob("learning/*.jsonl")) for line in path.open()]
    taught = More(
        texts=tuple(one["text"] for one in [*examples, *learning]),
        labels=np.array(
            [[one["code"] == code and not one["isMask"] for code in THEMES] for one in examples]
            + [[code in note["themes"] for code in THEMES] for note in learning]
        ),
    )
    plain, judged, new = learn("LR", settings, train, test, More())
    aided, aided_judged, aided_new = learn("LR+", settings, train, test, taught)
    coders = [
        lexicon,
        *plain,
        *aided,
        *combine("LR", train, test, judged, new),
        *combine("LR+", train, test, aided_judged, aided_new),
    ]
    every = [*THEMES, *STRATEGIES]
    for name, seen in (("LR over words and hits", train), ("LR over words and hits (2)", hold_out(train))):
        columns, new_columns = seen.hits(every).astype(float), test.hits(every).astype(float)
        coders += learn(name, settings, train, test, More(columns=columns), new_columns)[0]
    coders.append(Coder("lexicon (2)", hold_out(train).hits(THEMES), lexicon.test))
    print(f"  LR+ learns from the lexicon's examples and {len(learning)} learning notes too (learning/)")
    print("  the examples were written beside train, so its train score flatters")
    print("  (2): rows that only the note at hand bears out are left out on train, as the lexicon was written from it")
    print_table("themes, all 32", coders, list(range(32)), train, test)
    missing = set(THEMES) - {example["code"] for example in examples}
    if missing:
        print_table(
            f"themes that the lexicon has, without {', '.join(sorted(missing))}",
            coders,
            [index for index, code in enumerate(THEMES) if code not in missing],
            train,
            test,
        )


if __name__ == "__main__":
    main()
