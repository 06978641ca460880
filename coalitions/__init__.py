"""How a coalition governs itself and what it can do: pure rules, no agents."""
