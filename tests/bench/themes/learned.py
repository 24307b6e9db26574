"""TF-IDF with logistic regression, one against the rest for each theme; every choice by cross-validation."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

FOLDS = 5
WORDS = ("word", (1, 2))
FEATURES = {
    "words 1-2": [WORDS],
    "characters 2-5": [("char_wb", (2, 5))],
    "words 1-2 and characters 3-5": [WORDS, ("char_wb", (3, 5))],
}
STRENGTHS = (1.0, 10.0, 100.0)
WEIGHTS = (None, "balanced")


@dataclass(frozen=True)
class Settings:
    features: str
    strength: float  # scikit-learn's C: the larger, the less is held back
    weights: str | None

    def __str__(self) -> str:
        return f"{self.features}, C {self.strength:g}, class weights {self.weights or 'none'}"


@dataclass(frozen=True)
class More:
    """What a fit knows besides the notes' words: further texts to learn from, further columns of each note."""

    texts: tuple[str, ...] = ()
    labels: np.ndarray | None = None
    columns: np.ndarray | None = None
    new_columns: np.ndarray | None = None


def fit_and_judge(settings: Settings, texts: list[str], labels: np.ndarray, new: list[str], more: More) -> np.ndarray:
    """Probabilities of each code (columns) for each new text (rows)."""
    learnt = [*texts, *more.texts]
    right = labels if more.labels is None else np.vstack([labels, more.labels])
    vectorizers = [
        TfidfVectorizer(analyzer=analyzer, ngram_range=lengths, sublinear_tf=True, strip_accents="unicode").fit(learnt)
        for analyzer, lengths in FEATURES[settings.features]
    ]
    old_parts = [vectorizer.transform(learnt) for vectorizer in vectorizers]
    new_parts = [vectorizer.transform(new) for vectorizer in vectorizers]
    if more.columns is not None:
        old_parts.append(csr_matrix(more.columns))
        new_parts.append(csr_matrix(more.new_columns))
    old_matrix, new_matrix = hstack(old_parts).tocsr(), hstack(new_parts).tocsr()
    model = LogisticRegression(C=settings.strength, class_weight=settings.weights, solver="liblinear")
    return np.column_stack(
        [model.fit(old_matrix, right[:, code]).predict_proba(new_matrix)[:, 1] for code in range(right.shape[1])]
    )


def folds(count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return list(KFold(FOLDS, shuffle=True, random_state=1).split(np.arange(count)))


def out_of_fold(settings: Settings, texts: list[str], labels: np.ndarray, more: More = More()) -> np.ndarray:
    """Probabilities for each note from a model that has not seen it."""
    judged = np.zeros(labels.shape)
    for old, new in folds(len(texts)):
        columns = {} if more.columns is None else {"columns": more.columns[old], "new_columns": more.columns[new]}
        inner = More(texts=more.texts, labels=more.labels, **columns)
        judged[new] = fit_and_judge(settings, [texts[i] for i in old], labels[old], [texts[i] for i in new], inner)
    return judged


def f1_of(given: np.ndarray, labels: np.ndarray) -> float:
    return 2 * (given & labels).sum() / max(given.sum() + labels.sum(), 1)


def one_threshold(judged: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The one threshold of the best micro F1, for every code."""
    candidates = np.unique(np.quantile(judged, np.linspace(0.7, 1, 200)))
    best = max(candidates, key=lambda threshold: f1_of(judged >= threshold, labels))
    return np.full(labels.shape[1], best)


def threshold_by_code(judged: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """For each code the threshold of its best F1."""
    return np.array([one_threshold(judged[:, [code]], labels[:, [code]])[0] for code in range(labels.shape[1])])


def halfway(judged: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Between the two: with some seventeen notes a code, a code's own threshold is mostly chance."""
    return (one_threshold(judged, labels) + threshold_by_code(judged, labels)) / 2


Rule = Callable[[np.ndarray, np.ndarray], np.ndarray]
RULES: dict[str, Rule] = {"one threshold": one_threshold, "a threshold by code": threshold_by_code, "halfway": halfway}


def give_cross_fitted(judged: np.ndarray, labels: np.ndarray, rule: Rule) -> np.ndarray:
    """Codes given to each note by thresholds that other notes chose."""
    given = np.zeros(labels.shape, dtype=bool)
    for old, new in folds(len(labels)):
        given[new] = judged[new] >= rule(judged[old], labels[old])
    return given


def choose(texts: list[str], labels: np.ndarray) -> tuple[Settings, dict[Settings, float]]:
    """The settings of the best cross-validated micro F1, and what each came to."""
    scores = {}
    for settings in (Settings(*one) for one in product(FEATURES, STRENGTHS, WEIGHTS)):
        judged = out_of_fold(settings, texts, labels)
        scores[settings] = f1_of(give_cross_fitted(judged, labels, one_threshold), labels)
    return max(scores, key=scores.get), scores


def best_rule(judged: np.ndarray, labels: np.ndarray) -> str:
    return max(RULES, key=lambda name: f1_of(give_cross_fitted(judged, labels, RULES[name]), labels))
