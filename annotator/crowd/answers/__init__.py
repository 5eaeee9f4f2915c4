"""What workers submit, and what is kept of how they worked."""
