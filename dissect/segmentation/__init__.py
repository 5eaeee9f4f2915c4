"""The region of an image that a unit looks at."""
