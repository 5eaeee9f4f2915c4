"""How a study is going, for whoever runs it: counts, pace, spending, and what to tell by e-mail."""
