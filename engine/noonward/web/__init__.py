"""Portal and HTTP API."""
