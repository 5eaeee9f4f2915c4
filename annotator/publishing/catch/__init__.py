"""Catch images: low images of a unit among its top ones, which nothing but the picture tells."""
