"""The deciding code: pure, no clock, no I/O, no logging, no randomness."""
