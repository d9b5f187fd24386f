"""Turn convenient arguments into checked requests, ready for the wire; pure, no I/O."""
