"""What people look at afterwards: pictures and pages made from a run, with nothing to download."""
