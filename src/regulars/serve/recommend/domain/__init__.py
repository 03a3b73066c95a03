"""What recommendation is made of, without input or output: sessions, pairs, baskets, popularity, content, rules and figures."""
