"""For whoever runs an installation: backups, and what is wrong with it."""
