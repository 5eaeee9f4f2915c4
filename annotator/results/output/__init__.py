"""A report as JSON, tables, figures, pages and snapshots."""
