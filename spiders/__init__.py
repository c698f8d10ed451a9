"""Where: one portal = one .py of class attributes (at most 15 lines) and one .csv of its agencies beside it.

Folders are the ISO 3166-2:CN letters of the province: ``sd`` 山东, ``ha`` 河南, ``sx`` 山西.
An operator's own portals lie in ``<archive>/portals/`` in the same shape.
"""
