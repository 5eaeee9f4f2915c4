"""The statistics. Plain rows and numpy in, plain rows out."""
