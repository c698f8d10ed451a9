"""Releases: a data set frozen as of an instant.

``making``     the folder or zip file, built aside; ``panel_release`` that of the panel, ``panel_tables`` its README's
``texts``      README and citation, from the templates beside; ``codebook`` what each column means
``checking``   what is there against its own list of digests and its descriptor; ``comparing`` two releases
"""
