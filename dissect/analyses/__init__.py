"""Analyses of networks beyond top images."""
