"""From a worker's words to concepts: merged by hand, and suggested for merging."""
