"""Requests that stand in the scripts of a page, and the answers of interfaces (pure).

* ``asked_lists.py``         lists that a script asks an interface for: the request, and what stands in the answer
* ``answers.py``             answers of interfaces: JSON, and JSON written into scripts
* ``button_scripts.py``      what a button does: fields that its script sets, the form that it sends
* ``template_tabs.py``       tabs that a template (Vue) makes of data in the page's script
* ``body_trees.py``          trees of bodies whose nodes a script leads to
* ``packed_markup.py``       markup that a page packs as base64 text
* ``scripted_documents.py``  a document whose text stands in a script (gkmlpt)
"""
