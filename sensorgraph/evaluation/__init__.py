"""Honest figures: measures, controls, intervals and the table that shows them together."""
