"""How words of products and of shoppers are read, kept and compared: without any store."""
