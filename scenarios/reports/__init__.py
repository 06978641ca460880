"""A run folder's tables as one page that a newcomer can read."""
