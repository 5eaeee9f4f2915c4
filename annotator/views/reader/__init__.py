"""Pages for readers of results."""
