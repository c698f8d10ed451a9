"""Releases: a data set frozen as of an instant.

``making``     the folder or zip file, built aside
``texts``      README and citation, from the templates beside
``checking``   what is there against its own list of digests and its descriptor
"""
