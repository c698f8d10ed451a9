"""Releases: data sets frozen as of a time.

``making``     makes the folder or zip file; ``panel_release`` says what that of the panel contains
``texts``      README, citation and codebook, from the templates here
``checking``   compares the files with the list of digests, and two releases with each other
"""
