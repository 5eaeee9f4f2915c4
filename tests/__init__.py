"""Every test; the services and fixtures that they share are in services.py and conftest.py."""
