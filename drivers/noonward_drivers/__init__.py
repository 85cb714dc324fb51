"""Device drivers for Noonward, found through the entry-point group ``noonward.drivers``."""
