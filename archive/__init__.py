"""The archive of nianbao."""
