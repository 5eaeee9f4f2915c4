"""Theoretical and empirical receptive fields."""
