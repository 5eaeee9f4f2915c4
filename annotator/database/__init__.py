"""The database below all models: its version, reads at one moment, and prepared queries."""
