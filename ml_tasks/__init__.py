"""Benchmark tasks: data in, performance out. Nothing here knows of people or money."""
