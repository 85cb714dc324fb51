"""Noonward: a rule engine that moves a building's loads toward noon."""
