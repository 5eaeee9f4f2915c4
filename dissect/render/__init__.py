"""Pictures: tiles, masks, cutouts, heat maps, contact sheets."""
