"""Dividend designs compared: from a scenario, a run folder or a CSV file of values."""
