"""What can go wrong: faults of the machine, of a sensor, of words, and streams that are not there."""
