"""Faults that are planted to see whether the fuzzers find them."""
