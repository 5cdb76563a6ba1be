"""How a source fares (to be filled)."""
