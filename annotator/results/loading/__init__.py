"""From tables to plain rows: everything that a report is made of."""
