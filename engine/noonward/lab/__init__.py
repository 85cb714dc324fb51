"""The same deciding code on recorded data."""
