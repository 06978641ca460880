"""A run replayed from a round with one decision changed, and what that changed."""
