"""The pass over all images: top images, quantiles and low scores of every unit."""
