"""Logs of CAN buses: frames, their payloads as words, and what a DBC says about them."""
