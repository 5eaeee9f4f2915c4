"""Snapshots: reports stored as the answers stood, so that a page only reads.

A snapshot is a folder: `report.json` without its units, `units-LAYER.json` for each layer,
`material.json` (the data that the report was computed from), and `figures.json`. Its name is a
hash of that data, so its content never changes. The newest two of each kind are kept. Only the
version of the code that wrote a snapshot reads it; another version makes its own.

lifecycle       makes and deletes snapshots
requests        which are asked for and due
stored_reports  finds them, and stores and reads the reports in them
"""
