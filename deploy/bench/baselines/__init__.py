"""What the engine is measured against, one module each: the same hop on stock Faust and on raw aiokafka.

They are as their manuals would have them. Nothing that ships may import from here.
"""
