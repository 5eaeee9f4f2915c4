"""Folders and buckets to write to."""
