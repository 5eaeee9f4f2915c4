"""The statistics: plain rows in, plain numbers out. docs/results.md defines each of them."""
