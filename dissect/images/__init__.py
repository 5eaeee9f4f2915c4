"""Image lists, where images come from, their masks and labels, and preparation for a network."""
