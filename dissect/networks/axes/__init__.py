"""Which axis of a layer's output holds images, units and the map, as its forward shows."""
