"""Rebuild tables without rulings from words and figures by their places, with the labels that the form has.

``label_spelling``  how each table of each form spells its rows, columns and what else it prints
``label_pieces``    labels put together again from the pieces into which lines and columns broke them
``sides``    figures beside labels → which row or column each belongs to, or that it is not certain
``layouts``  the tables of a document: rows, columns and figures of each layout of form tables
``insertion``    the tables in place of what was made of these places without knowing the form
"""
