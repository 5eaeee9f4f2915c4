"""Folders and buckets to write to, and work in the background."""
