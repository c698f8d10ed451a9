"""The storage of nianbao."""
