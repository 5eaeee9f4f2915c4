"""Minimal images: what is left of an image when segments are removed and its class still holds."""
