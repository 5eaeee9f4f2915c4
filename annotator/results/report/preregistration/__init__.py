"""A preregistered plan: frozen before its data, and later compared with what was done."""
