"""Sweeps: one scenario under many settings and seeds, resumable, on one machine or a cluster."""
