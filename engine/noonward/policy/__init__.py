"""From text to policies."""
