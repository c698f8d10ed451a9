"""How a county comes into the archive."""
