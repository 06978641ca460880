"""What a round costs outside retraining: seconds of CPU time a round on the power-law formula, by population.

    python benchmarks/round_overhead.py --users 1000 100000

Two coalitions, an incumbent and a rival, a small-world network, thresholds, a logit market and dividends: the
schedule of the library's quickstart, with the formula in the place of retraining. The observer's rows are timed too.
"""

import argparse
import os
import statistics
import time

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_threads] = "1"

from datacoalition.agents.model import CoalitionModel  # noqa: E402 - after the number of threads
from datacoalition.scenarios.files import load, validated  # noqa: E402
from datacoalition.scenarios.observer import observe, users_of  # noqa: E402


def measure(users: int, rounds: int) -> tuple[float, float, float]:
    """CPU seconds to build the model, of the median round, and of the median round's observation."""
    data = load("quickstart").resolved()
    data["task"] = {"kind": "power_law", "records": users}
    start = time.process_time()
    model = CoalitionModel(validated(data, "quickstart on the formula"))
    built = time.process_time() - start
    steps, observations = [], []
    for _ in range(rounds):
        start = time.process_time()
        model.step()
        steps.append(time.process_time() - start)
        start = time.process_time()
        observe(model, 0)
        users_of(model, 0)
        observations.append(time.process_time() - start)
    return built, statistics.median(steps), statistics.median(observations)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--users", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--rounds", type=int, default=10)
    chosen = parser.parse_args()
    print(f"{'users':>9} {'build (s)':>10} {'round (s)':>10} {'observe (s)':>12}")
    for users in chosen.users:
        built, step, observation = measure(users, chosen.rounds)
        print(f"{users:>9,} {built:>10.2f} {step:>10.4f} {observation:>12.4f}")


if __name__ == "__main__":
    main()
