"""Releases: data sets frozen as of a time.

``making``     makes the folder or zip file; ``panel_release`` makes that of the panel, ``panel_tables`` its tables
``texts``      README and citation, from the templates here; ``codebook`` explains each column
``checking``   compares the files with the list of digests; ``comparing`` compares two releases
"""
