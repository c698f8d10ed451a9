"""The spiders of nianbao."""
