"""datacoalition: simulate how the public can govern AI through its data."""

__version__ = "0.1.0"
