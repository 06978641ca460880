"""A small torch network for images given as rows of pixels."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .streams import keyed_uniforms

if TYPE_CHECKING:
    from .digits import Network

Reader = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def train_network(
    pixels: NDArray[np.float32], labels: NDArray[np.int64], keys: NDArray[np.uint64], settings: "Network", seed: int
) -> Reader:
    """Train from scratch and return a function from pixels (n, features) to logits (n, classes).

    Batches follow an order hashed from the record and the epoch, so that two trainings on nearly the same
    records see them in nearly the same order: they then differ by the data more than by luck.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two threads change the result, and on small batches one is faster
    try:
        return _fit(pixels, labels, keys, settings, seed)
    finally:
        torch.set_num_threads(threads)


def _fit(
    pixels: NDArray[np.float32], labels: NDArray[np.int64], keys: NDArray[np.uint64], settings: "Network", seed: int
) -> Reader:
    model = _network(pixels.shape[1], settings.hidden, 10, seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
    images, digits = torch.from_numpy(pixels), torch.from_numpy(labels)
    for epoch in range(settings.epochs):
        order = torch.from_numpy(np.lexsort((keys, keyed_uniforms(keys, "batches", seed, epoch))))
        batches: tuple[Tensor, ...] = torch.split(order, settings.batch)
        for batch in batches:
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(images[batch]), digits[batch]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()

    def read(images: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.no_grad():
            logits: NDArray[np.float32] = model(torch.from_numpy(images)).numpy()
        return logits

    return read


def _network(inputs: int, hidden: int, outputs: int, seed: int) -> nn.Sequential:
    """Weights drawn by a generator of their own: torch's global state is neither read nor moved."""
    generator = torch.Generator().manual_seed(seed)
    layers = [nn.Linear(inputs, hidden, device="meta"), nn.Linear(hidden, outputs, device="meta")]
    for layer in layers:
        layer.to_empty(device="cpu")
        bound = layer.in_features**-0.5
        nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return nn.Sequential(layers[0], nn.ReLU(), layers[1])
