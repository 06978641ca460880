"""Analysis of a sweep: distributions, effects, indices, survival, regions and fronts, as tables and pictures."""
