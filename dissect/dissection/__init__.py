"""A whole dissection: its settings, and what writes it."""
