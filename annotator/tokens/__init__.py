"""Links, keys and sessions as the database keeps them: a copy of it lets nobody in."""
