"""Exact KNN-Shapley values: ours against pyDVL and opendataval, one thread, the same data.

    python benchmarks/knn_shapley.py --pydvl /tmp/pydvl/bin/python --opendataval /tmp/opendataval/bin/python

Both peers need another numpy than this package, so each runs in an environment of its own, whose Python is given;
without it, it has no row. Data and values pass by file; what counts is the CPU time of the call itself, in that
process. Features are drawn in single precision, which is all opendataval works in, so that all see the same numbers.
Each turn times everybody once; ours after one untimed call, which reads its compiled kernels.

    python -m venv /tmp/pydvl && /tmp/pydvl/bin/pip install pydvl
    python -m venv /tmp/opendataval && /tmp/opendataval/bin/pip install opendataval

opendataval is given batches as large as its data: its own, of 32, make it slower. (1.3.0 asks for torch 2.1; where
that cannot be had: `pip install --no-deps opendataval` after torch, torchvision, torcheval, scikit-learn, "pandas<3",
"numpy<2", requests, typer, matplotlib, tqdm, transformers, "geomloss<0.3" and "pandera<0.16".)
"""

from turns import Contestant, machine, show

# isort: split
import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from datacoalition.valuation.methods.knn_shapley import knn_shapley

PEER = """
import sys, time
from importlib.metadata import version
import numpy as np
data = np.load(sys.argv[1])
x, y, asked, wanted, k = (data[name] for name in ("x", "y", "asked", "wanted", "k"))
{prepare}
start = time.process_time()
{work}
seconds = time.process_time() - start
np.savez(sys.argv[2], values=np.asarray({values}, dtype=float), seconds=seconds,
         name=", ".join(f"{{p}} {{version(p)}}" for p in {packages}))
"""
PYDVL = PEER.format(
    packages=("pydvl", "scikit-learn", "numpy"),
    prepare="""
from joblib import parallel_config
from pydvl.valuation.dataset import Dataset
from pydvl.valuation.methods.knn_shapley import KNNShapleyValuation
from sklearn.neighbors import KNeighborsClassifier
ours = Dataset(x.astype(float), y)
asks = Dataset(asked.astype(float), wanted)
method = KNNShapleyValuation(KNeighborsClassifier(n_neighbors=int(k), algorithm="brute"), asks, progress=False)
""",
    work="with parallel_config(n_jobs=1): method.fit(ours)",
    values="method.result.values",
)
OPENDATAVAL = PEER.format(
    packages=("opendataval", "torch", "numpy"),
    prepare="""
import torch
torch.set_num_threads(1)
from opendataval.dataval import KNNShapley
to = lambda a: torch.tensor(a)
hot = lambda a: torch.nn.functional.one_hot(torch.tensor(a), int(y.max()) + 1)
method = KNNShapley(k_neighbors=int(k), batch_size=10000)
method.input_data(to(x), hot(y), to(asked), hot(wanted))
""",
    work="method.train_data_values()",
    values="method.data_values",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", default=10_000, type=int)
    parser.add_argument("--test", default=1_000, type=int)
    parser.add_argument("--features", default=64, type=int)
    parser.add_argument("--k", default=5, type=int, help="neighbours")
    parser.add_argument("--repeats", default=3, type=int, help="turns")
    parser.add_argument("--pydvl", help="the Python of an environment with pyDVL")
    parser.add_argument("--opendataval", help="the Python of an environment with opendataval")
    options = parser.parse_args()
    data = _data(options.train, options.test, options.features) | {"k": np.array(options.k)}
    x, y, asked, wanted = (data[name] for name in ("x", "y", "asked", "wanted"))
    ours = knn_shapley(x, y, asked, wanted, options.k)
    contestants = [Contestant("datacoalition knn_shapley", lambda: None, quality=[0.0])]
    peers = [(PYDVL, options.pydvl), (OPENDATAVAL, options.opendataval)]
    works: list[Callable[[], tuple[str, float, float]]] = []
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder, "data.npz"), **data)
        for script, python in peers:
            if python:
                works.append(partial(_run, script, python, Path(folder), ours))
                contestants.append(Contestant("", lambda: None))
        for _ in range(options.repeats):
            start = time.process_time()
            knn_shapley(x, y, asked, wanted, options.k)
            contestants[0].seconds.append(time.process_time() - start)
            for one, work in zip(contestants[1:], works, strict=True):
                one.name, seconds, off = work()
                one.seconds.append(seconds)
                one.quality = [off]
    print(f"{options.train:,} training and {options.test:,} test records of {options.features} features, ", end="")
    print(f"k = {options.k}; medians of {options.repeats}, in turns\n{machine()}")
    print(f"last column: largest difference from our values, over their largest, {np.abs(ours).max():.3g}")
    show(contestants, ["off by"])
    return 0


def _data(train: int, test: int, features: int) -> dict[str, Any]:
    """Ten overlapping clouds, one a label."""
    rng = np.random.default_rng(0)
    centre, label = rng.normal(size=(10, features)), rng.integers(0, 10, train + test)
    x = (centre[label] + 2 * rng.normal(size=(train + test, features))).astype(np.float32)
    return {"x": x[:train], "y": label[:train], "asked": x[train:], "wanted": label[train:]}


def _run(script: str, python: str, folder: Path, ours: Any) -> tuple[str, float, float]:
    """A peer's name, CPU seconds and largest relative difference from our values."""
    out = folder / "values.npz"
    done = subprocess.run(
        [python, "-c", script, str(folder / "data.npz"), str(out)], capture_output=True, text=True, cwd=folder
    )
    if done.returncode:
        sys.exit(f"{python} failed:\n{done.stderr[-2000:]}")
    found = np.load(out)
    off = float(np.abs(found["values"] - ours).max() / np.abs(ours).max())
    return str(found["name"]), float(found["seconds"]), off


if __name__ == "__main__":
    sys.exit(main())
