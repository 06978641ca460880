"""Comparison: the same pots under every dividend, by three measures of inequality."""
