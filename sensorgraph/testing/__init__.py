"""Fakes, and checks of the rules that every kind of a room must keep; for our tests and for those of outside kinds."""
