"""The forward pass of only what a changed patch of the image can reach."""
