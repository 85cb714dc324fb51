"""What was: rows of a minute, their roll-ups, what they say of energy, and a tape of them for the lab."""
