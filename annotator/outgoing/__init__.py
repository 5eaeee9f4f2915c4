"""What this installation sends to other services by itself."""
