"""Compile numeric kernels with numba, once a machine where a cache folder can be written.

A kernel has a fixed signature, so it is compiled (or read from the cache) when its module is imported and
never in the middle of a run.
"""

from collections.abc import Callable
from typing import Any

from numba import njit

Kernel = Callable[..., Any]


def compiled(signature: object, fastmath: bool = False) -> Callable[[Kernel], Kernel]:
    """A decorator: machine code for `signature`, which lets other threads run while it works."""

    def compile_kernel(function: Kernel) -> Kernel:
        def compile_with(cache: bool) -> Kernel:
            kernel: Kernel = njit(signature, nogil=True, fastmath=fastmath, cache=cache)(function)
            return kernel

        try:
            return compile_with(cache=True)
        except (RuntimeError, OSError):
            # Installed read-only with no home to write to ("no locator available"), or a full disk.
            return compile_with(cache=False)

    return compile_kernel
