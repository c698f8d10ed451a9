"""The crawler of nianbao."""
