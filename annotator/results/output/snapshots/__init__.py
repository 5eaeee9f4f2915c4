"""Snapshots: reports stored as the answers stood, so that a page only reads.

A snapshot is a folder: `report.json` without its units, `units-LAYER.json` for each layer,
`material.json` (the data that the report was computed from), and `figures.json`. Its name is a
hash of that data, so its content never changes. The newest two of each kind are kept. Only the
version of the code that wrote a snapshot reads it; another version makes its own.

lifecycle       finds, makes and deletes snapshots
stored_reports  stores and reads the reports in them
"""
