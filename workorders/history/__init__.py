"""Reads of a work order's past: who may read it, in which words, and on which page."""
