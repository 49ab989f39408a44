"""Fuzzing that is started in the evening and read in the morning."""
