"""From answers to numbers, figures and the report. No HTTP: plain rows in, plain data out.

answers      the rows, which of them count, and the queries that load them
precision    how well the images of a unit fit what it was called
groups       the six semantic groups of a layer
concepts     the word that most workers chose
report       all of it for one study
figures      drawn from a report
"""
