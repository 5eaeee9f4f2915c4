"""Networks, their layers, weights, directions and classes."""
