"""The service: studies, HITs, workers, answers and results. Web processes never import torch."""
