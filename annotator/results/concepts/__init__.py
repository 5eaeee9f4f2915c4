"""The words of answers: normalised, merged, suggested."""
