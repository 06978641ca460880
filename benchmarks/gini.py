"""The Gini coefficient of a million values: our `gini` against PySAL's `inequality`, one process and one thread.

    pip install inequality
    python benchmarks/gini.py

Both get the same float64 array, in no order. Ours checks it first (finite, none negative) and sorts; PySAL's
`Gini` finds the order with argsort and gathers by it. The figure beside each time is the coefficient, of lognormal
values whose true one is known.
"""

from turns import Contestant, machine, missing, show, take_turns

# isort: split
import argparse
import math
from importlib.util import find_spec

import numpy as np
from datacoalition.valuation.inequality import gini


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", default=1_000_000, type=int, help="how many values")
    parser.add_argument("--repeats", default=21, type=int, help="timed turns of each")
    options = parser.parse_args()
    x = np.random.default_rng(0).lognormal(size=options.people)
    contestants = [Contestant("datacoalition gini", lambda: gini(x), lambda found: (found,))]
    peer = find_spec("inequality") is not None
    if peer:
        from inequality.gini import Gini

        contestants.append(Contestant("PySAL inequality Gini", lambda: Gini(x).g, lambda found: (found,)))
    else:
        missing("inequality")
    take_turns(contestants, options.repeats)
    print(f"{options.people:,} lognormal values, whose Gini is {math.erf(0.5):.5f}; ", end="")
    print(f"medians of {options.repeats}, in turns\n{machine(*(['inequality'] if peer else []))}")
    show(contestants, ["Gini"])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
