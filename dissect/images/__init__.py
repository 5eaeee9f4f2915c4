"""Image lists, where images come from, and how they are prepared for a network."""
