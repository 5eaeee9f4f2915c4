"""Signals about answers and workers. Reasons to look, never verdicts."""
