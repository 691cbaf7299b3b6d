"""Catalog: what can be bought, and by which words and codes it is found.

Owns       departments, categories, products, variants, barcodes, pictures
Readable   departments, categories, products, variants, barcodes, pictures
Announces  (nothing)
Begins at  products.one; ends at search.find
"""
