"""What workers submit, and what is recorded of how they work."""
