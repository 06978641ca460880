"""How often the 95 % intervals of sampled semivalues hold the exact value, and whether the samples are unbiased.

    python benchmarks/semivalue_cover.py --repeats 2000

A game of diminishing returns with noise, without rare marginals, whose exact values come from the table of all
groups; seeds 0 to repeats - 1. Each law from permutations and from pairs of groups, at 200 permutations or as many
evaluations, and at fewer. Printed: the share of all intervals (players times repeats) that hold, and the largest |z|
over players of the mean worth against the exact one, which is below 4 nearly always if there is no bias.
"""

from turns import machine

# isort: split
import argparse
import time

import numpy as np
from datacoalition.valuation.methods import Banzhaf, BetaShapley, Shapley
from datacoalition.valuation.methods.exact import mean_marginals, weighed
from datacoalition.valuation.methods.semivalues import Sampled
from datacoalition.valuation.utility import UtilityTable

LAWS: dict[str, Sampled] = {
    "Shapley": Shapley(exact_up_to=20),
    "Banzhaf": Banzhaf(exact_up_to=20),
    "Beta(16,1)": BetaShapley(alpha=16, beta=1),
    "Beta(4,1)": BetaShapley(alpha=4, beta=1),
    "Beta(1,16)": BetaShapley(alpha=1, beta=16),
}


def game(players: int) -> UtilityTable:
    rng = np.random.default_rng(3)
    weight, noise = rng.lognormal(0, 0.5, players), rng.normal(size=1 << players) * 0.05
    held = np.arange(1 << players)[:, None] >> np.arange(players) & 1
    value = 1 + (held @ weight) ** 0.6 + noise
    table = UtilityTable(lambda group: float(value[sum(1 << i for i in group)]), range(players))
    table.powerset(range(players))
    return table


def cover(law: Sampled, table: UtilityTable, players: int, settings: dict[str, object], repeats: int) -> str:
    exact = weighed(mean_marginals(table.powerset(range(players))), law.weights(players))[:, 0]
    kind = {"alpha": law.alpha, "beta": law.beta} if isinstance(law, BetaShapley) else {}
    method = type(law)(exact_up_to=0, **kind, **settings)  # type: ignore[arg-type]
    hits, worths = [], []
    for seed in range(repeats):
        found = method(range(players), table, np.random.default_rng(seed))
        low, high = found.interval()
        hits.append((low <= exact) & (exact <= high))
        worths.append(found.worth)
    z = (np.mean(worths, axis=0) - exact) / (np.std(worths, axis=0, ddof=1) / np.sqrt(repeats))
    return f"{np.mean(hits):.3f} (|z| {np.abs(z).max():.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=2000)
    parser.add_argument("--players", type=int, default=8)
    parser.add_argument("--permutations", type=int, nargs="*", default=[20, 40, 200])
    options = parser.parse_args()
    print(machine())
    table, start = game(options.players), time.process_time()
    for sampler in ("permutations", "kernel"):
        print(f"{sampler}, {options.players} players, {options.repeats} repeats")
        for name, law in LAWS.items():
            cells = [
                f"{count}: {cover(law, table, options.players, settings, options.repeats)}"
                for count in options.permutations
                if (settings := {"sampler": sampler, "permutations": count})
            ]
            print(f"   {name:10} " + ", ".join(cells), flush=True)
    print(f"{time.process_time() - start:.0f} s of CPU time")


if __name__ == "__main__":
    main()
