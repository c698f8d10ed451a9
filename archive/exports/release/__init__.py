"""Releases: data sets frozen as of a time.

``making``     makes the folder or zip file; ``panel_release`` makes that of the panel, with its tables
``texts``      README, citation and codebook, from the templates here
``checking``   compares the files with the list of digests, and two releases with each other
"""
