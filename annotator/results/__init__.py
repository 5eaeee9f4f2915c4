"""From answers to numbers, figures and the report: plain rows in, plain data out, no HTTP.

concepts     from a worker's words to concepts: merged by hand, and suggested for merging
loading      from the database to plain rows
stats        the statistics
definitions  what every number means, for readers
report       everything about one study
output       the report as JSON, tables, figures, pages and snapshots
"""
