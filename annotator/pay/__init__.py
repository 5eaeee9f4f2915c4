"""What is paid for a HIT, and what workers have earned."""
