"""Large libraries in processes of their own, which end: no web process keeps them."""
