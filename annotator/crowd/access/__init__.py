"""Who may do what in a study, and how people enter it."""
