"""David Page's residual network for CIFAR-10 [VH21]: from scratch in a few epochs, on a GPU where there is one.

A 3x3 convolution, then three stages that each convolve, normalise and halve the picture, the first and the last with
a residual block, then the maximum over the picture and a linear layer scaled by 1/8. Trained by stochastic gradient
descent with Nesterov momentum on pictures that are shifted, mirrored and partly cut out at random. The last batch of
an epoch is dropped where it is not full, so a firm with fewer pictures than one batch has an untrained network.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .images import Images, Keys, Reader, Rows
from .network import _one_thread
from .settings import Checked, NonNegative, Positive, PositiveCount
from .streams import keyed_uniforms

if TYPE_CHECKING:
    import torch
    from torch import nn

MEAN, SPREAD = (125.31, 122.95, 113.87), (62.99, 62.09, 66.70)
"""Customary constants of the three colours; fixed, so that nobody's pictures are in them."""
_PAD, _CUT = 4, 8


@dataclass(frozen=True)
class ResNet(Checked):
    """David Page's network; `width` 64 as published, 8 for a processor without a GPU."""

    width: PositiveCount = 64
    """Channels of the first convolution; eight times as many in the end."""
    epochs: PositiveCount = 24
    """How often training goes through the pictures; 24 as published [VH21]."""
    batch: PositiveCount = 512
    """Pictures for each step; a firm with fewer has an untrained network. 512 as published [VH21]."""
    peak: Positive = 0.4
    """Highest learning rate, reached after a fifth of the training."""
    momentum: NonNegative = 0.9
    """Share of the step before that goes into each step, as Nesterov has it."""
    weight_decay: NonNegative = 5e-4
    """By how much of each weight its gradient is raised, which pulls weights towards 0."""
    whitening: bool = False
    """First whiten 3x3 patches by the training pictures' own statistics."""

    noise = True

    def prepared(self, images: Images, key: Keys, usual: Rows) -> Reader:
        """Return what trains on some pictures and scores others."""
        colours = (images.pixels.astype(np.float32) - np.array(MEAN, np.float32)[:, None, None]) / np.array(
            SPREAD, np.float32
        )[:, None, None]

        def read(rows: Rows, labels: NDArray[np.int64], asked: Rows, seed: int) -> tuple[NDArray[np.floating], str]:
            with _one_thread():
                model = self._trained(colours[rows], labels, key[rows], seed)
                scores = _scored(model, colours, asked)
            untrained = f"fewer than {self.batch} pictures, one batch: an untrained network"
            return scores, untrained if len(rows) < self.batch else ""

        return read

    def _trained(
        self, pictures: NDArray[np.float32], labels: NDArray[np.int64], key: NDArray[np.uint64], seed: int
    ) -> Any:
        import torch
        from torch import nn

        device = _device()
        model: Any = _network(self.width, pictures if self.whitening else None, seed).to(device)
        step: Any = model
        if device == "cuda":
            model = model.to(memory_format=torch.channels_last)
            step = torch.compile(model)
        optimiser = torch.optim.SGD(
            model.parameters(), lr=0.0, momentum=self.momentum, weight_decay=self.weight_decay, nesterov=True
        )
        batches, at = len(labels) // self.batch, 0
        model.train()
        for epoch in range(self.epochs):
            for rows in self._batches(key, seed, epoch):
                at += 1
                share = at / (batches * self.epochs)
                optimiser.param_groups[0]["lr"] = self.peak * min(share / 0.2, (1 - share) / 0.8)
                inputs = torch.from_numpy(_varied(pictures[rows], key[rows], seed, epoch)).to(device)
                optimiser.zero_grad()
                with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                    loss = nn.functional.cross_entropy(step(inputs), torch.from_numpy(labels[rows]).to(device))
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        return model

    def _batches(self, key: NDArray[np.uint64], seed: int, epoch: int) -> Iterator[NDArray[np.int64]]:
        """Full batches in an order hashed from record and epoch: two trainings differ by their data, not by luck."""
        order = np.lexsort((key, keyed_uniforms(key, "batches", seed, epoch)))
        for start in range(0, len(order) - self.batch + 1, self.batch):
            yield order[start : start + self.batch]


def _varied(pictures: NDArray[np.float32], key: NDArray[np.uint64], seed: int, epoch: int) -> NDArray[np.float32]:
    """Each picture shifted by up to 4, mirrored or not, with an 8 by 8 field cut out; draws hashed from its key."""
    n, _, height, width = pictures.shape
    draw = [keyed_uniforms(key, "variation", seed, epoch, k) for k in range(5)]
    down, right = ((d * (2 * _PAD + 1)).astype(int) for d in draw[:2])
    padded = np.pad(pictures, ((0, 0), (0, 0), (_PAD, _PAD), (_PAD, _PAD)), mode="reflect")
    rows, columns = down[:, None] + np.arange(height), right[:, None] + np.arange(width)
    mirrored = draw[2] < 0.5
    columns[mirrored] = columns[mirrored, ::-1]
    out: NDArray[np.float32] = padded[np.arange(n)[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    out = np.ascontiguousarray(out.transpose(0, 3, 1, 2))
    top, left = ((d * (height - _CUT + 1)).astype(int) for d in draw[3:])
    inside = [(a[:, None] <= np.arange(height)) & (np.arange(height) < a[:, None] + _CUT) for a in (top, left)]
    out[np.broadcast_to((inside[0][:, :, None] & inside[1][:, None, :])[:, None], out.shape)] = 0
    return out


def _scored(model: "nn.Module", colours: NDArray[np.float32], asked: Rows) -> NDArray[np.float32]:
    import torch

    model.eval()
    device, parts = _device(), []
    with torch.no_grad():
        for start in range(0, len(asked), 1000):
            inputs = torch.from_numpy(colours[asked[start : start + 1000]]).to(device)
            parts.append(model(inputs).float().cpu().numpy())
    return np.concatenate(parts) if parts else np.zeros((0, 10), np.float32)


def _network(width: int, pictures: NDArray[np.float32] | None, seed: int) -> "nn.Sequential":
    """The network with weights of its own generator: torch's global state is neither read nor moved."""
    import torch
    from torch import nn

    def block(inputs: int, outputs: int, pool: bool = False) -> "nn.Sequential":
        layers = [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        return nn.Sequential(*layers, *([nn.MaxPool2d(2)] if pool else []))

    class Residual(nn.Module):
        """x plus two blocks of x."""

        def __init__(self, channels: int) -> None:
            super().__init__()
            self.inner = nn.Sequential(block(channels, channels), block(channels, channels))

        def forward(self, x: "torch.Tensor") -> "torch.Tensor":
            return x + self.inner(x)  # type: ignore[no-any-return]

    class Scaled(nn.Module):
        """The maximum over the picture, a linear layer, and a factor that keeps scores small."""

        def __init__(self, channels: int) -> None:
            super().__init__()
            self.linear = nn.Linear(channels, 10, bias=False)

        def forward(self, x: "torch.Tensor") -> "torch.Tensor":
            return self.linear(x.amax(dim=(2, 3))) * 0.125  # type: ignore[no-any-return]

    first: list[nn.Module] = [block(3, width)]
    if pictures is not None:
        first = [_whitening(pictures), nn.Conv2d(27, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    stages = [block(width, 2 * width, True), Residual(2 * width), block(2 * width, 4 * width, True)]
    last = [block(4 * width, 8 * width, True), Residual(8 * width), Scaled(8 * width)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Sequential(*first, *stages, *last)
        for layer in model.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear) and layer.weight.requires_grad:
                layer.reset_parameters()
    return model


def _whitening(pictures: NDArray[np.float32]) -> "nn.Conv2d":
    """A fixed layer that turns 3x3 patches into 27 uncorrelated numbers of unit variance."""
    import torch
    from torch import nn

    some = pictures[:: max(1, len(pictures) // 2000)]
    windows = np.lib.stride_tricks.sliding_window_view(some, (3, 3), axis=(2, 3))
    patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, 27)[::7].astype(np.float64)
    variance, axes = np.linalg.eigh(np.cov(patches, rowvar=False))
    filters = (axes / np.sqrt(np.maximum(variance, 0) + 1e-2)).T.reshape(27, 3, 3, 3)
    layer = nn.Conv2d(3, 27, 3, padding=1, bias=False)
    layer.weight = nn.Parameter(torch.from_numpy(filters.astype(np.float32)), requires_grad=False)
    return layer


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
