"""Pages for annotators."""
