"""How few evaluations Shapley values need: counts, time from table to values, and error at equal evaluations.

    python benchmarks/shapley_estimators.py --players 12
    python benchmarks/shapley_estimators.py --repeats 20 --games

Five parts; --games does 4 and 5, its absence the others:

1. Exact values of 10 groups: how many groups are evaluated. A package that prices one group after the other retrains
   10 x 1,023 times.
2. CPU time from a full table of 16 players to the values of every semivalue.
3. Random groups of the contributors of `digits`, every one of the 2^players groups really trained: the error (RMSE
   over players and repeats) against the exact values of plain permutations, of pairs of a permutation and its
   reverse, of such pairs with what is typical of player and place taken out (what this package draws), and of the
   regression on pairs of groups. Each may ask for the same number of distinct groups. A ratio of variances is the
   ratio of evaluations needed for the same error.
4. The same on games by formula, of 12 and 16 players, for the choice of the default; and Banzhaf and Beta Shapley
   values from permutations and from the pairs that Shapley draws.
5. Games of 24 and 40 players whose values are known in closed form, with SVARM and Stratified SVARM (`svarm.py`).
"""

from svarm import stratified_svarm, svarm  # type: ignore[import-not-found]  # beside this script: not in the package
from turns import machine

# isort: split
import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from math import comb
from statistics import median
from typing import Any

import numpy as np
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.store import ScoreStore
from datacoalition.valuation.methods import METHODS, values
from datacoalition.valuation.utility import UtilityTable

Estimator = Callable[[range, UtilityTable, int, int], Any]
"""(players, table, budget, seed) -> the worth of each player."""
LAWS: dict[str, dict[str, Any]] = {
    "banzhaf": {"method": "banzhaf"},
    "beta 16 1": {"method": "beta_shapley", "alpha": 16, "beta": 1},
    "beta 4 1": {"method": "beta_shapley", "alpha": 4, "beta": 1},
    "beta 1 16": {"method": "beta_shapley", "alpha": 1, "beta": 16},
}


def plain(players: range, table: UtilityTable, budget: int, seed: int, pairs: bool = False) -> Any:
    """The mean marginal over random orders (and their reverses), as many as the budget of distinct groups allows."""
    worth, rng, asked, orders = np.zeros(len(players)), np.random.default_rng(seed), {0}, 0
    found = table.powerset(players)[:, 0]
    while orders < 20_000:
        order = rng.permutation(len(players))
        ways = (order, order[::-1]) if pairs else (order,)
        paths = [np.concatenate([[0], np.cumsum(1 << way)]) for way in ways]
        new = asked.union(*(path.tolist() for path in paths))
        if len(new) > budget:
            break
        asked, orders = new, orders + len(ways)
        for way, path in zip(ways, paths, strict=True):
            worth[way] += np.diff(found[path])
    return worth / orders


def ours(sampler: str, **law: Any) -> Estimator:
    def estimate(players: range, table: UtilityTable, budget: int, seed: int) -> Any:
        return values(players, table, exact_up_to=0, sampler=sampler, budget=budget, seed=seed, **law).worth

    return estimate


ESTIMATORS: dict[str, Estimator] = {
    "permutations": plain,
    "pairs of permutations": partial(plain, pairs=True),
    "pairs, typical taken out": ours("permutations"),
    "regression": ours("kernel"),
}
PEERS: dict[str, Estimator] = {
    "SVARM": svarm,
    "Stratified SVARM": stratified_svarm,
    "pairs, typical taken out": ours("permutations"),
    "regression": ours("kernel"),
}


def counts() -> None:
    asked: list[frozenset[int]] = []

    def utility(group: frozenset[int]) -> float:
        asked.append(group)
        return float(len(group) ** 0.5)

    found = values(range(10), utility)
    apart = sum(bool(group) for group in asked)
    print(
        f"1. Exact Shapley values of 10 groups: {apart:,} evaluations and the empty group; one after the other 10,230"
    )
    assert found.evaluations == apart + 1


def table_to_values(repeats: int) -> None:
    weight = np.random.default_rng(0).random(16)
    table = UtilityTable(lambda group: float(sum(weight[i] for i in group)) ** 0.5, range(16))
    table.many([frozenset(i for i in range(16) if mask >> i & 1) for mask in range(2**16)])
    start = time.process_time()
    values(range(16), table)
    first = time.process_time() - start
    print(f"2. From a full table of 16 players to values: the first method {1000 * first:.0f} ms, then, medians:")
    for method in ("shapley", "banzhaf", "beta_shapley"):
        times = []
        for _ in range(repeats):
            start = time.process_time()
            values(range(16), table, method)
            times.append(time.process_time() - start)
        print(f"   {method:14} {1000 * median(times):6.1f} ms ({1000 * min(times):.1f} to {1000 * max(times):.1f})")


def digits(players: int, seed: int, store: str | None) -> UtilityTable:
    """The accuracy on the holdout for each group of `players` groups of contributors of unequal size."""
    task = Digits()()
    retrainer = Retrainer(task, [0], ScoreStore(store) if store else None)
    people = len(task.contributors)
    rng = np.random.default_rng(seed)
    share = rng.lognormal(0, 1, players)
    member = rng.choice(players, people, p=share / share.sum())
    member[rng.permutation(people)[:players]] = np.arange(players)  # nobody is without contributors
    holdings = Holdings.everyone(people)

    def accuracy(group: frozenset[int]) -> float:
        return float(retrainer.scores(holdings.only(np.isin(member, list(group)))).view("holdout").per_seed[0])

    table = UtilityTable(accuracy, range(players))
    start = time.perf_counter()
    table.powerset(range(players))
    print(f"   {retrainer.counts.done:,} trainings, {retrainer.counts.remembered:,} remembered, ", end="")
    print(f"{time.perf_counter() - start:.0f} s; contributors of the groups: {np.bincount(member).tolist()}")
    return table


def compare(name: str, players: range, table: UtilityTable, budgets: Sequence[int], repeats: int) -> None:
    exact = values(players, table).worth
    head = "".join(f"{estimator:>28}" for estimator in ESTIMATORS)
    print(f"   {name:14} {'evaluations':>11}{head}")
    for budget in budgets:
        error = {
            key: np.sqrt(np.mean([(estimate(players, table, budget, seed) - exact) ** 2 for seed in range(repeats)]))
            for key, estimate in ESTIMATORS.items()
        }
        base = error["pairs of permutations"]
        cells = "".join(f"{value:>16.3e} ({(base / value) ** 2:7.2f}x)" for value in error.values())
        print(f"   {'':14} {budget:>11}{cells}")


def by_formula(players: int, seed: int) -> dict[str, UtilityTable]:
    rng = np.random.default_rng(seed)
    mask = np.arange(1 << players)
    held = (mask[:, None] >> np.arange(players) & 1).astype(float)
    size = rng.lognormal(0, 1, players)
    records = rng.random((players, 40)) < rng.lognormal(-2, 0.8, players)[:, None]
    votes = rng.integers(1, 20, players)
    kind = np.arange(players) % 2 == 0
    two = -0.5 * (1 + held[:, kind] @ size[kind]) ** -0.4 - 0.5 * (1 + held[:, ~kind] @ size[~kind]) ** -0.4
    found = {
        "power law": 1 - (1 + 10 * (held @ size)) ** -0.3,
        "records": (held @ records > 0).mean(axis=1),
        "voting": (held @ votes > votes.sum() / 2).astype(float),
        "airport": (held * np.sort(rng.random(players))).max(axis=1),
        "two kinds": two + 0.01 * rng.normal(size=len(mask)),
        "added, noise": held @ rng.normal(size=players) / players + 0.05 * rng.normal(size=len(mask)),
        "size, noise": 1 - (1 + 10 * held.sum(axis=1)) ** -0.3 + 0.02 * rng.normal(size=len(mask)),
    }
    tables = {}
    for name, value in found.items():
        tables[name] = UtilityTable(lambda group, value=value: value[sum(1 << i for i in group)], range(players))
        tables[name].powerset(range(players))
    return tables


def compare_laws(
    players: range, tables: dict[str, UtilityTable], exact: Any, budgets: Sequence[int], seeds: int
) -> None:
    """RMSE of the pairs over that of permutations for every law; exact(game, law) is what each player is worth."""
    for law, settings in LAWS.items():
        for budget in budgets:
            ratios = []
            for name, table in tables.items():
                error = [
                    np.sqrt(np.mean([(ours(kind, **settings)(players, table, budget, seed) - exact(name, law)) ** 2
                                     for seed in range(seeds)]))
                    for kind in ("kernel", "permutations")
                ]  # fmt: skip
                ratios.append(error[0] / error[1])
            cells = ", ".join(f"{name} {ratio:.2f}" for name, ratio in zip(tables, ratios, strict=True))
            print(f"   {law:10} {budget:>6}: geometric mean {np.exp(np.mean(np.log(ratios))):.2f}; {cells}")


class Known:
    """Games of many players with closed forms for every semivalue."""

    def __init__(self, players: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.n = players
        self.held = rng.random((players, 60)) < rng.lognormal(-2, 0.8, players)[:, None]
        self.cost = np.linspace(1, 3, players) ** 2
        self.three = np.array([rng.choice(players, 3, replace=False) for _ in range(3 * players)])
        self.synergy = rng.normal(size=3 * players)
        self.votes = rng.integers(1, 20, players)
        self.quota = self.votes.sum() // 2
        games: dict[str, Callable[[np.ndarray], float]] = {
            "records": lambda member: float(self.held[member].any(axis=0).mean()),
            "airport": lambda member: float(self.cost[member].max(initial=0)),
            "triples": lambda member: float(self.synergy @ member[self.three].all(axis=1)),
            "voting": lambda member: float(self.votes[member].sum() > self.quota),
        }
        self.tables = {name: UtilityTable(partial(self._of, game), range(players)) for name, game in games.items()}

    def _of(self, game: Callable[[np.ndarray], float], group: frozenset[int]) -> float:
        return game(np.isin(np.arange(self.n), list(group)))

    def worth(self, name: str, weights: np.ndarray) -> Any:
        """weights: the probability of each size of the group joined."""
        n, size = self.n, np.arange(self.n)
        # None of so many others is in the group joined.
        none = np.array([sum(weights[k] * comb(n - 1 - m, k) / comb(n - 1, k) for k in range(n)) for m in range(n)])
        if name == "records":
            return (self.held * none[np.maximum(self.held.sum(axis=0) - 1, 0)]).mean(axis=1)
        if name == "airport":
            return np.cumsum(np.diff(self.cost, prepend=0) * none[::-1])
        if name == "triples":
            both = (weights * size * (size - 1)).sum() / ((n - 1) * (n - 2))
            return both * np.bincount(self.three.ravel(), np.repeat(self.synergy, 3), minlength=n)
        return np.array([self._swings(i, weights) for i in range(n)])

    def _swings(self, player: int, weights: np.ndarray) -> float:
        ways = np.zeros((self.n, self.votes.sum() + 1))
        ways[0, 0] = 1
        for other in np.delete(self.votes, player):
            ways[1:, other:] += ways[:-1, :-other].copy()
        swings = ways[:, max(self.quota - self.votes[player] + 1, 0) : self.quota + 1].sum(axis=1)
        return float(sum(weights[k] * swings[k] / comb(self.n - 1, k) for k in range(self.n)))


def large(players: int, seed: int, repeats: int) -> None:
    print(f"5. {players} players, closed forms; RMSE of Shapley")
    known = Known(players, seed)
    for budget in (8 * players, 40 * players):
        for name, table in known.tables.items():
            exact = known.worth(name, np.full(players, 1 / players))
            error = [
                np.sqrt(np.mean([(peer(range(players), table, budget, seed) - exact) ** 2 for seed in range(repeats)]))
                for peer in PEERS.values()
            ]
            cells = ", ".join(f"{key} {found / error[-1]:.2f}" for key, found in zip(PEERS, error, strict=True))
            print(f"   {budget:>6} {name:10} regression {error[-1]:.2e}; over it: {cells}")
    weights = {law: METHODS[kind["method"]](**{k: v for k, v in kind.items() if k != "method"}).weights(players)
               for law, kind in LAWS.items()}  # fmt: skip
    budgets = [times * players for times in (8, 16, 40)]
    compare_laws(range(players), known.tables, lambda name, law: known.worth(name, weights[law]), budgets, repeats // 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--players", type=int, default=12, help="groups of contributors in part 3: 2^players trainings")
    parser.add_argument("--repeats", type=int, default=200, help="seeds of each estimator")
    parser.add_argument("--seed", type=int, default=0, help="deals the contributors out")
    parser.add_argument("--store", help="a file that remembers the trainings of part 3")
    parser.add_argument("--games", action="store_true", help="parts 4 and 5 alone")
    options = parser.parse_args()
    print(machine("torch"))
    if options.games:
        formulas(options.seed, options.repeats)
        for players in (24, 40):
            large(players, options.seed, options.repeats)
        return
    counts()
    table_to_values(9)
    print(f"3. digits, {options.players} random groups; RMSE (and variance of pairs of permutations over this one)")
    most = 2**options.players // 2
    budgets = [budget for budget in (8 * options.players, 20 * options.players, 50 * options.players) if budget <= most]
    table = digits(options.players, options.seed, options.store)
    compare("digits", range(options.players), table, budgets, options.repeats)


def formulas(seed: int, repeats: int) -> None:
    for players in (12, 16):
        print(f"4. {players} players by formula")
        tables = by_formula(players, seed)
        for name, table in tables.items():
            compare(name, range(players), table, [8 * players, 40 * players], repeats)
        worth = {(name, law): values(range(players), table, **kind).worth
                 for name, table in tables.items() for law, kind in LAWS.items()}  # fmt: skip
        budgets = [times * players for times in (8, 16, 40)]
        compare_laws(range(players), tables, lambda name, law, worth=worth: worth[name, law], budgets, repeats // 2)


if __name__ == "__main__":
    main()
