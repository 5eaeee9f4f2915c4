"""Files of directions: our own format, and the encoders that SAE libraries save."""
