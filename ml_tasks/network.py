"""A small torch network for images given as rows of pixels. torch is imported only when it trains."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .images import Images, Keys, Reader, Rows
from .settings import Checked, Positive, PositiveCount
from .streams import keyed_uniforms

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Network(Checked):
    """One hidden layer, trained by Adam on shuffled batches."""

    hidden: PositiveCount = 64
    """Units in the hidden layer."""
    epochs: PositiveCount = 12
    """How often training goes through the images."""
    batch: PositiveCount = 128
    """Images for each step."""
    learning_rate: Positive = 0.02
    """Step size of Adam."""

    noise = True

    def prepared(self, images: Images, key: Keys, usual: Rows) -> Reader:
        """Return what trains on some images and scores others."""
        pixels = images.shades(np.arange(len(images.label))).reshape(len(images.label), -1)

        def read(rows: Rows, labels: NDArray[np.int64], asked: Rows, seed: int) -> tuple[NDArray[np.floating], str]:
            import torch

            with torch.enable_grad(), _one_thread():
                model = self._trained(pixels[rows], labels, key[rows], seed)
            with torch.no_grad(), _one_thread():
                logits: NDArray[np.float32] = model(torch.from_numpy(pixels[asked])).numpy()
            return logits, ""

        return read

    def _trained(self, pixels: NDArray[np.float32], labels: NDArray[np.int64], key: Keys, seed: int) -> "nn.Sequential":
        """Train from scratch. pixels: (n, features); labels: (n,), 0 to 9; key: a hash of each record.

        Batches follow an order hashed from the record and the epoch, so that two trainings on nearly the same
        records see them in nearly the same order: they then differ by the data more than by luck.
        """
        import torch
        from torch import nn

        model = _layers(pixels.shape[1], self.hidden, 10, seed)
        optimiser = torch.optim.Adam(model.parameters(), lr=self.learning_rate)
        images, targets = torch.from_numpy(pixels), torch.from_numpy(labels)
        for epoch in range(self.epochs):
            order = np.lexsort((key, keyed_uniforms(key, "batches", seed, epoch)))
            for start in range(0, len(order), self.batch):
                rows = torch.from_numpy(order[start : start + self.batch])
                optimiser.zero_grad()
                loss = nn.functional.cross_entropy(model(images[rows]), targets[rows])
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        return model


def _layers(inputs: int, hidden: int, outputs: int, seed: int) -> "nn.Sequential":
    """Weights drawn by a generator of their own: torch's global state is neither read nor moved."""
    import torch
    from torch import nn

    generator = torch.Generator().manual_seed(seed)
    layers = [nn.Linear(inputs, hidden, device="meta"), nn.Linear(hidden, outputs, device="meta")]
    for layer in layers:
        layer.to_empty(device="cpu")
        bound = layer.in_features**-0.5
        nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return nn.Sequential(layers[0], nn.ReLU(), layers[1])


@contextmanager
def _one_thread() -> Iterator[None]:
    """Two threads change the result, and on small batches one is faster."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
