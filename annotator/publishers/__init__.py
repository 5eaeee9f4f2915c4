"""Where HITs are offered, each market behind one small interface."""
