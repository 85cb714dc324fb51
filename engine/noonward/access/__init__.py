"""Who may do what: people, what they are granted, how they prove who they are, and what they have done."""
