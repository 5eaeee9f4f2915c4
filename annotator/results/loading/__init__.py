"""From the database to plain rows: everything that a report is made of."""
