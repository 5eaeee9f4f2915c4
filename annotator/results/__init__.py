"""From answers to numbers, figures and the report. No HTTP: plain rows in, plain data out.

concepts     the words of answers: normalised, merged, suggested
loading      from tables to plain rows
stats        the statistics
definitions  what every number means, in words
report       all of it for one study
output       as JSON, tables, figures, pages and snapshots
"""
