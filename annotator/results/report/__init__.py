"""A report: networks, layers, units, comparisons, and the plan they were tested by."""
