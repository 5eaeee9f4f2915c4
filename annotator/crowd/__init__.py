"""The life of a HIT, without HTTP: who gets in, what they are offered, how they answer."""
