"""What a dissection is on disk: its files, their names and how each is encoded (docs/seam.md).

`dissect` writes dissections and the service reads them; both go through this package, which
therefore needs neither torch nor Django. Import its modules by their full name:

>>> from dissect.format.masks import decode_sheet
"""
