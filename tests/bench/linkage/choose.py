"""What the link weight does, on Febrl 1 and 2 only: python choose.py DIST. Febrl 3 and 4 are kept for compare.py."""

import math
import sys

import pandas as pd

from compare import line, ordered, ours, within
from records import load

records = pd.concat([load("febrl1", False), load("febrl2", False)], ignore_index=True)
truth = within(records, "person")
for probability in (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999):
    link = math.log2(probability / (1 - probability))
    pairs, people, judged, _ = ours(records, sys.argv[1], f"{link:.2f}")
    print(f"link weight {link:.2f} (probability {probability})")
    line("by weight, pairs", ordered(pairs[pairs["weight"] >= link]), truth)
    joined = within(people, "label")
    line("register", joined, truth)
    asked = ordered(judged) - joined
    print(f"  asked: {len(asked)} pairs, {len(asked & truth)} of them true")
