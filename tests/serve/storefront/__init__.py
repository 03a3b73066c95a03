"""Tests of the storefront: tokens, the door for browsers, pages without scripts."""
