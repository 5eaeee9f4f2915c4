"""How a study is going: counts, pace, spending, and e-mails to its requesters."""
