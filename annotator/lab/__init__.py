"""What the lab asks the networks of a study when nobody has chosen anything."""
