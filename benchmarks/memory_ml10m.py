"""Memory at the size of MovieLens 10M: what training takes at most, a fresh process for each model.

    python benchmarks/memory_ml10m.py

MovieLens may not be passed on, so this writes made-up ratings in the layout of the official file (10,000,054 ratings
by 69,878 users of 10,677 films) into a temporary folder. With `--official`, the file in DATACOALITION_DATA is read
instead. Each process builds the task, trains it on everybody and scores it; printed are the most memory it held
(resident, so with Python and every library in it) and its CPU time.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_threads] = "1"

import numpy as np  # noqa: E402 - after the number of threads
import pandas as pd  # noqa: E402

RATINGS, USERS, FILMS = 10_000_054, 69_878, 10_677
LIMIT = 2.0
"""GB that training should stay below."""
MODELS = ("svd", "als", "bayesian")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=[*MODELS, "movie_mean"])
    parser.add_argument("--official", action="store_true", help="the official file instead of made-up ratings")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        train(options.child)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        settings = dict(os.environ)
        if not options.official:
            write(Path(folder))
            settings["DATACOALITION_DATA"] = folder
        print(f"{'ml-10m':10} {'most GB':>8} {'CPU s':>8} {'loading':>8} {'training':>9} {'scoring':>8} {'RMSE':>8}")
        for model in options.models:
            subprocess.run([sys.executable, __file__, "--child", model], env=settings, check=True)
    return 0


def train(name: str) -> None:
    from datacoalition.ml_tasks.holdings import Holdings
    from datacoalition.ml_tasks.movielens import MovieLens
    from datacoalition.ml_tasks.rating_models import RATING_MODELS
    from datacoalition.ml_tasks.scores import Scores

    clock = [time.process_time()]
    task = MovieLens(data="ml-10m", model=RATING_MODELS[name]())()
    clock.append(time.process_time())
    fitted = task.train(Holdings.everyone(len(task.contributors)), 0)
    clock.append(time.process_time())
    outcomes = task.outcomes(fitted)
    clock.append(time.process_time())
    rmse = Scores(task.yardstick, (outcomes,), exact=False).view().mean
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9
    parts = np.diff(clock)
    verdict = "" if most < LIMIT else f"  over {LIMIT:g} GB"
    columns = f"{most:8.2f} {clock[-1]:8.1f} {parts[0]:8.1f} {parts[1]:9.1f} {parts[2]:8.1f} {rmse:8.4f}"
    print(f"{name:10} {columns}{verdict}", flush=True)


def write(folder: Path) -> None:
    """Made-up ratings: a few people and films have many of them, and tastes have three dimensions."""
    rng = np.random.default_rng(0)
    user, film = pairs(rng)
    means, tastes = rng.normal(3.5, 0.5, FILMS), (rng.normal(0, 0.4, (n, 3)) for n in (USERS, FILMS))
    users, films = tastes
    liking = means[film] + np.einsum("nf,nf->n", users[user], films[film]) + rng.normal(0, 0.8, RATINGS)
    steps = np.clip(np.rint(2 * liking), 1, 10).astype(np.int64)
    labels = np.array([f"{step / 2:g}" for step in range(11)])
    (folder / "ml-10M100K").mkdir()
    target = folder / "ml-10M100K" / "ratings.dat"
    for first in range(0, RATINGS, 1_000_000):
        part = slice(first, first + 1_000_000)
        table = pd.DataFrame({"user": user[part] + 1, "film": film[part] + 1, "rating": labels[steps[part]]})
        table["time"] = rng.integers(789_652_009, 1_231_131_736, len(table))
        for place in (1, 3, 5):
            table.insert(place, f"blank {place}", "")
        table.to_csv(target, sep=":", header=False, index=False, mode="a", lineterminator="\n")


def pairs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Users and films of the ratings, sorted, no pair twice: every user has at least 20, every film at least one."""
    activity, fame = rng.lognormal(0, 1.2, USERS), rng.lognormal(0, 1.8, FILMS)
    least = np.column_stack([np.repeat(np.arange(USERS), 40), rng.integers(0, FILMS, 40 * USERS)])
    each = np.column_stack([rng.integers(0, USERS, FILMS), np.arange(FILMS)])
    kept = np.unique(np.concatenate([least[:, 0] * FILMS + least[:, 1], each[:, 0] * FILMS + each[:, 1]]))
    while len(kept) < RATINGS:
        more = RATINGS - len(kept)
        users = rng.choice(USERS, more, p=activity / activity.sum())
        kept = np.union1d(kept, users * FILMS + rng.choice(FILMS, more, p=fame / fame.sum()))
    return kept // FILMS, kept % FILMS


if __name__ == "__main__":
    sys.exit(main())
