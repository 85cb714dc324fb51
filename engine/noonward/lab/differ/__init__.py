"""Two versions of one site: what differs in their files, what differs in what they do, and whether that is too much."""
