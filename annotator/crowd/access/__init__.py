"""Who may do what in a study, and how people come in."""
