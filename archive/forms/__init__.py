"""The forms of the annual report, as data.

``2021.toml``, ``2019.toml``, ``pre2019.toml``: what each form prints, and what its figures have to do with each other;
a form says only what it prints otherwise than the form that it ``extends``. A new form is one more such file, here or
in a folder that ``NIANBAO_FORMS`` names.
"""
