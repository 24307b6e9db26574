"""Learns the weights of the theme coder (pseudonymise/coder/weights) from the train part and the learning notes.

    .venv/bin/python tests/bench/themes/learn.py --vectors vectors.npz

`vectors.npz` holds word vectors (`w` words, `v` numbers): those of sentence-transformers' all-mpnet-base-v2 (Apache-2.0)
of each word alone, so that a word that no note has says what its neighbours say. Without it the weights are a little
worse. Never reads the test part. Logistic regression of each code, first on whole notes; then also on the one sentence of
a note that says the code best, as no label says where it stands (multiple-instance learning: Andrews and others, 2003).
How much the lexicon is worth beside it is learnt on notes that no row of it was written or mended from.
"""

import argparse
import csv
import json
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

PROJECT = Path(__file__).resolve().parents[3]
TO = PROJECT / "pseudonymise/coder/weights"
CODES = [f"T{n:02}" for n in range(1, 33)] + [f"P{n:02}" for n in range(1, 19)]
KINDS = {"themes": range(32), "strategies": range(32, 50)}
CLEAN = "ijklmn"  # learning notes that the lexicon was neither written nor mended from
STEM = 5
DIMENSIONS = 128
VECTORS_SHARE = 0.5
PRECISION = 0.72  # of what is given to notes not learnt from: a wrong theme misplans a service
LEAST = 6  # tenths: what weighs less is left out
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"  # one for each of CODES


def features(words: list[str]) -> list[str]:
    """As `featuresOf` in weights.ts."""
    found = list(words)
    for word, after in zip(words, [*words[1:], None]):
        length = STEM + word.startswith("!")
        if len(word) > length:
            found.append(word[:length] + "~")
        if after is not None:
            found.append(f"{word} {after}")
    return found


class Space:
    """Sentences and whole notes as rows of numbers; linear in what stands in them, so that weights add up by word."""

    def __init__(self, notes: list[list[list[str]]], vectors: dict[str, np.ndarray]):
        self.counter = CountVectorizer(analyzer=lambda part: [name for s in part for name in features(s)], binary=True)
        found = self.counter.fit_transform(notes)
        self.names = list(self.counter.get_feature_names_out())
        in_notes = np.asarray(found.sum(0)).ravel()
        self.times = dict(zip(self.names, in_notes))
        self.rare = np.log(len(notes) / in_notes) + 1
        times = Counter(word for note in notes for word in {word for s in note for word in s})
        self.vectors = {
            word: vector * np.log(len(notes) / times.get(word, 1)) for word, vector in vectors.items()
        }
        self.scale = 1.0
        if vectors:
            self.scale = VECTORS_SHARE / np.linalg.norm(self.dense(notes), axis=1).mean()

    def dense(self, parts: list[list[list[str]]]) -> np.ndarray:
        rows = np.zeros((len(parts), DIMENSIONS))
        for row, part in zip(rows, parts):
            words = [word for s in part for word in s]
            for word in set(words):
                if word in self.vectors:
                    row += self.vectors[word]
            row /= np.sqrt(max(1, len(words)))
        return rows * self.scale

    def __call__(self, parts: list[list[list[str]]]) -> csr_matrix:
        lengths = np.sqrt([max(1, sum(map(len, part))) for part in parts])
        counted = self.counter.transform(parts).multiply(self.rare * 0.2).multiply(1 / lengths[:, None])
        return hstack([csr_matrix(counted), csr_matrix(self.dense(parts))]).tocsr()

    def by_feature(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Weights of columns (columns × codes) as weights of features."""
        known, dense = weights[: len(self.names)], weights[len(self.names) :]
        table = {name: rare * 0.2 * row for name, rare, row in zip(self.names, self.rare, known)}
        for word, vector in self.vectors.items():
            table[word] = table.get(word, 0) + self.scale * vector @ dense
        return table


class Coder:
    def __init__(self, notes: list[dict], labels: np.ndarray, vectors: dict[str, np.ndarray]):
        parts = [note["sentences"] for note in notes]
        self.space = Space(parts, vectors)
        whole = self.space(parts)
        own = np.array([index for index, part in enumerate(parts) for _ in part])
        sentences = self.space([[s] for part in parts for s in part])
        both = lambda kept: vstack([sentences[kept], whole])
        self.weights = np.zeros((whole.shape[1], len(CODES)))
        self.starts = np.zeros(len(CODES))
        for code in range(len(CODES)):
            right = labels[:, code]
            model = self.fit(whole, right)
            for _ in range(2):
                judged = model.decision_function(sentences)
                best = np.full(len(notes), -np.inf)
                np.maximum.at(best, own, judged)
                said = right[own] & (judged >= best[own])
                kept = ~right[own] | said
                model = self.fit(both(kept), np.concatenate([said[kept], right]))
            self.weights[:, code], self.starts[code] = model.coef_[0], model.intercept_[0]

    @staticmethod
    def fit(rows: csr_matrix, right: np.ndarray) -> LogisticRegression:
        return LogisticRegression(C=10, class_weight="balanced", solver="liblinear").fit(rows, right)

    def scores(self, notes: list[dict]) -> tuple[np.ndarray, np.ndarray]:
        """Of whole notes and of their best sentences, notes × codes."""
        parts = [note["sentences"] for note in notes]
        own = np.array([index for index, part in enumerate(parts) for _ in part])
        best = np.full((len(notes), len(CODES)), -np.inf)
        np.maximum.at(best, own, self.space([[s] for part in parts for s in part]) @ self.weights)
        return self.space(parts) @ self.weights, best


def evidence(notes: list[dict], note: np.ndarray, best: np.ndarray, kind: range) -> np.ndarray:
    """What the judge looks at, notes × codes of the kind × (note, best, lead, hit, hit × note)."""
    hits = np.array([[CODES[code] in one["hits"] for code in kind] for one in notes], float)
    note, best = note[:, kind], best[:, kind]
    first, second = np.sort(note, axis=1)[:, [-1, -2]].T
    lead = note - np.where(note == first[:, None], second[:, None], first[:, None])
    return np.stack([note, best, lead, hits, hits * note], axis=2)


def fit_judge(seen: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the five, the same for all codes of the kind, and a start for each code."""
    count = seen.shape[1]
    rows = np.hstack([seen.reshape(-1, 5), np.tile(np.eye(count) * 0.5, (len(seen), 1))])
    model = LogisticRegression(C=1, max_iter=2000).fit(rows, right.ravel())
    return model.coef_[0][:5], model.intercept_[0] + 0.5 * model.coef_[0][5:]


def rates(given: np.ndarray, right: np.ndarray) -> tuple[float, float, float]:
    hits = (given & right).sum()
    return hits / max(1, given.sum()), hits / right.sum(), 2 * hits / (given.sum() + right.sum())


def choose_least(judged: np.ndarray, right: np.ndarray) -> float:
    """The sum above which a code is given: best F1 among those precise enough."""
    tried = [(rates(judged > least, right), least) for least in np.arange(-3, 3, 0.05)]
    return max((f1, least) for (precision, _, f1), least in tried if precision >= PRECISION)[1]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--vectors")
    parser.add_argument("--measure", action="store_true", help="write nothing")
    options = parser.parse_args()
    vectors = {}
    if options.vectors:
        stored = np.load(options.vectors, allow_pickle=True)
        centred = stored["v"] - stored["v"].mean(0)
        less = TruncatedSVD(DIMENSIONS, random_state=0).fit_transform(centred)
        vectors = dict(zip(stored["w"], less))
    told = subprocess.run(
        ["node", str(PROJECT / "tests/bench/themes/tokens.mjs")], check=True, capture_output=True, text=True
    )
    notes = [note for note in json.loads(told.stdout) if note["sentences"]]
    labels = np.array(
        [[code in note["themes"] or any(code == s["code"] for s in note["strategies"]) for code in CODES] for note in notes]
    )
    clean = np.array([index for index, note in enumerate(notes) if note["id"][0] in CLEAN and note["id"][1] == "-"])
    print(f"{len(notes)} notes, {len(clean)} of them clean of the lexicon", flush=True)
    note, best = np.zeros(labels.shape), np.zeros(labels.shape)
    for _, out in KFold(4, shuffle=True, random_state=1).split(clean):
        held = clean[out]
        taught = np.setdiff1d(np.arange(len(notes)), held)
        coder = Coder([notes[i] for i in taught], labels[taught], vectors)
        note[held], best[held] = coder.scores([notes[i] for i in held])
    judges = {}
    some = [notes[i] for i in clean]
    for kind, codes in KINDS.items():
        seen, right = evidence(some, note[clean], best[clean], codes), labels[np.ix_(clean, codes)]
        judged = np.zeros(right.shape)
        for into, out in KFold(5, shuffle=True, random_state=2).split(seen):
            weights, starts = fit_judge(seen[into], right[into])
            judged[out] = seen[out] @ weights + starts
        least = choose_least(judged, right)
        weights, starts = fit_judge(seen, right)
        judges[kind] = weights, starts - least
        lexicon = rates(seen[:, :, 3] > 0, right)
        print(kind, "lexicon %.3f %.3f %.3f" % lexicon, " judged %.3f %.3f %.3f" % rates(judged > least, right))
        for wanted in (0.75, 0.8, 0.85):
            fine = [rates(judged > l, right) for l in np.arange(-3, 4, 0.05)]
            print("   at precision %.2f: %.3f %.3f %.3f" % (wanted, *max((r for r in fine if r[0] >= wanted), key=lambda r: r[2])))
        print("   weights", weights.round(2), flush=True)
    if not options.measure:
        write(Coder(notes, labels, vectors), judges)


def write(coder: Coder, judges: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    TO.mkdir(exist_ok=True)
    with (TO / "features.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["feature", "weights"])
        for name, row in sorted(coder.space.by_feature(coder.weights).items()):
            tenths = np.round(10 * row).astype(int)
            kept = [f"{LETTERS[at]}{tenths[at]}" for at in np.flatnonzero(np.abs(tenths) >= LEAST)]
            # Two words in a row that one note alone has are chance.
            if kept and (" " not in name or coder.space.times[name] > 1):
                out.writerow([name, "".join(kept)])
    with (TO / "codes.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["code", "letter", "start", "note", "best", "lead", "hit", "hit_note"])
        for kind, codes in KINDS.items():
            weights, starts = judges[kind]
            for at, code in enumerate(codes):
                out.writerow([CODES[code], LETTERS[code], *(round(float(one), 3) for one in (starts[at], *weights))])


if __name__ == "__main__":
    main()
